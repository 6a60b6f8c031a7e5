import { execFileSync } from 'node:child_process';
import { connect } from '@nats-io/transport-node';

const kc = execFileSync('npm', ['run', '-s', 'kubeconfig'], { cwd: '/work/main' }).toString().trim();
const bin = JSON.parse(
  execFileSync('node', ['infra/local/run.mjs', 'tools', 'kubernetes'], { cwd: '/work/main' }).toString(),
).kubernetes;
const k = (...a) =>
  execFileSync(bin, ['kubectl', '--kubeconfig', kc, ...a])
    .toString()
    .trim();
const ip = k('-n', 'pilotfish-system', 'get', 'pod', 'pilotfish-nats-0', '-o', 'jsonpath={.status.podIP}');
const pass = Buffer.from(
  k('-n', 'pilotfish-system', 'get', 'secret', 'pilotfish-nats-subscriber', '-o', 'jsonpath={.data.password}'),
  'base64',
).toString();
const nc = await connect({ servers: `${ip}:4222`, user: 'subscriber', pass, inboxPrefix: '_INBOX_subscriber' });
const sub = nc.subscribe('mysql.v1.evt.demo.sample.>');
const primary = k('-n', 'demo', 'get', 'pods', '-l', 'role=master', '-o', 'jsonpath={.items[0].metadata.name}');
const pods = execFileSync('pgrep', ['-f', '^mysqld --defaults-file']).toString().trim().split('\n');

import { readFileSync } from 'node:fs';

const pid = pods.find((p) => {
  try {
    return readFileSync(`/proc/${p}/environ`, 'utf8').includes(`HOSTNAME=${primary}\0`);
  } catch {
    return false;
  }
});
console.log('primary', primary, 'pid', pid);
(async () => {
  for await (const m of sub) {
    const t = Date.parse(m.headers?.get('ce-time') ?? '');
    const d = m.json();
    console.log(
      ((t - t0) / 1000).toFixed(3).padStart(7),
      's ',
      m.subject.replace('mysql.v1.evt.demo.sample.', ''),
      JSON.stringify(d),
    );
  }
})();
const t0 = Date.now();
process.kill(Number(pid), 'SIGKILL');
setTimeout(async () => {
  await nc.close();
  process.exit(0);
}, 25000);
