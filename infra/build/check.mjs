// Format, lint, types, dependency direction, dead code, generated files: what a change must satisfy beside its tests.
import { spawnSync } from 'node:child_process';
import { ensureDependencies, root } from './dependencies.mjs';

ensureDependencies();
const checks = [
  ['format and lint', ['biome', 'check', '--error-on-warnings', '.']],
  ['types', ['tsc', '-p', 'tsconfig.json']],
  // Without eslint's cache: it goes by a file's own content, and types come from others too.
  ['typed lint', ['eslint', 'apps', 'packages', 'infra', 'e2e']],
  ['dependency direction', ['depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'packages', 'e2e', 'infra']],
  ['dead code', ['knip', '--no-progress']],
];
const failed = [];
for (const [name, [tool, ...args]] of checks)
  note(name, spawnSync('npx', [tool, ...args], { cwd: root, stdio: 'inherit' }));
note('generated files', spawnSync('node', ['infra/build/generate.mjs', '--check'], { cwd: root, stdio: 'inherit' }));
note('links in the docs', spawnSync('node', ['infra/build/links.mjs'], { cwd: root, stdio: 'inherit' }));
console.log(failed.length === 0 ? 'check: all good' : `check failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function note(name, { status }) {
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) failed.push(name);
}
