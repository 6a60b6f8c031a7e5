// Runs the tests of every package, three at a time, tells once more at the end what failed, and counts in the last line: "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies, pnpm, root } from './dependencies.mjs';

ensureDependencies();
const results = join(root, 'node_modules/.test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

// The programs that tests start are made ready first, so that no test's deadline pays for it, and their paths are told.
const tools = ['mysqld', 'mysql', 'mysqlbinlog', 'libfaketime', 'natsServer', 'etcd', 'helm', 'kubernetes'];
const { status: ready, stdout: paths } = run('node', ['infra/local/run.mjs', 'tools', ...tools], 'pipe');
if (ready !== 0) process.exit(1);
const arguments_ = ['--concurrency=3', '--continue', '--output-logs=full', ...process.argv.slice(2)];
const { status } = run('npm', [...pnpm, 'exec', 'turbo', 'run', 'test', ...arguments_], 1, { PILOTFISH_TOOLS: paths });

let passed = 0;
let failed = 0;
for (const file of readdirSync(results)) {
  const counts = JSON.parse(readFileSync(join(results, file), 'utf8'));
  passed += counts.passed;
  failed += counts.failed;
  for (const { file, message } of counts.failures) console.log(`\n${file}\n${excerpt(message)}`);
}
// A package whose tests could not even start has failed too.
if (status !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/** One cause often fails a whole file: its first failures tell it. */
function excerpt(message) {
  const lines = message.split('\n');
  return lines.length <= 60 ? message : `${lines.slice(0, 60).join('\n')}\n… ${lines.length - 60} lines more above`;
}

/** What it prints goes to `output`, a file descriptor or `pipe`. */
function run(command, args, output, more = {}) {
  const env = { ...process.env, ...more, TURBO_TELEMETRY_DISABLED: '1' };
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', output, 2], encoding: 'utf8', env });
}
