// Runs the tests of every package, three at a time, tells once more at the end what failed, and counts in the last line: "N passed, N failed".
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, pnpm, root } from './dependencies.mjs';

ensureDependencies();
const results = join(root, 'node_modules/.test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

// The programs that tests start are made ready first, so that no test's deadline pays for it, and their paths are told.
const tools = ['mysqld', 'mysql', 'mysqlbinlog', 'libfaketime', 'natsServer', 'etcd', 'helm', 'kubernetes'];
const PILOTFISH_TOOLS = execFileSync('node', ['infra/local/run.mjs', 'tools', ...tools], {
  cwd: root,
  stdio: ['ignore', 'pipe', 2],
  encoding: 'utf8',
});
// turbo begins packages in any order, and this one takes longer than all others beside it.
const longest = '@pilotfish/topology-engine';
const wanted = process.argv.slice(2);
const runs =
  wanted.length > 0
    ? [[3, ...wanted]]
    : [
        [1, `--filter=${longest}`],
        [2, `--filter=!${longest}`],
      ];
const statuses = await Promise.all(runs.map(turbo));

let passed = 0;
let failed = 0;
for (const file of readdirSync(results)) {
  const counts = JSON.parse(readFileSync(join(results, file), 'utf8'));
  passed += counts.passed;
  failed += counts.failed;
  for (const { file, message } of counts.failures) console.log(`\n${file}\n${excerpt(message)}`);
}
// A package whose tests could not even start has failed too.
if (statuses.some((status) => status !== 0) && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** One cause often fails a whole file: its first failures tell it. */
function excerpt(message) {
  const lines = message.split('\n');
  return lines.length <= 60 ? message : `${lines.slice(0, 60).join('\n')}\n… ${lines.length - 60} lines more above`;
}

/** Runs the tests of the packages that these filters leave, that many at a time. @returns the exit code */
function turbo([concurrency, ...filters]) {
  const args = [...pnpm, 'exec', 'turbo', 'run', 'test', `--concurrency=${concurrency}`, '--continue', ...filters];
  const env = { ...process.env, PILOTFISH_TOOLS, TURBO_TELEMETRY_DISABLED: '1' };
  return new Promise((resolve, reject) => {
    spawn('npm', [...args, '--output-logs=full'], { cwd: root, stdio: ['ignore', 1, 2], env })
      .on('error', reject)
      .on('exit', (status) => resolve(status));
  });
}
