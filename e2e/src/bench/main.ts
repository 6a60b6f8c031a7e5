import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectEnvironment } from '../harness/environment.ts';
import { measureIdle } from './idle.ts';
import { idleTable } from './idle-table.ts';

const usage = 'npm run bench -- idle [--seconds N] [--json FILE]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, json: { type: 'string' } },
});
const seconds = Number(values.seconds);
if (positionals.join(' ') !== 'idle' || !(seconds > 0)) {
  console.error(usage);
  process.exitCode = 2;
} else {
  const env = await connectEnvironment();
  try {
    const report = await measureIdle(env, seconds, (line) => {
      console.log(line);
    });
    console.log(idleTable(report).join('\n'));
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report)}\n`);
  } finally {
    env.kube.close();
  }
}
