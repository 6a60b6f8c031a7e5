// Writes every generated file anew, or with --check says which differ: node infra/build/generate.mjs [--check]
import { spawnSync } from 'node:child_process';
import { ensureDependencies, root } from './dependencies.mjs';

ensureDependencies();
const generators = [
  'packages/api/src/generate.ts',
  'packages/events/src/generate.ts',
  'apps/topology-engine/src/http/generate.ts',
  'infra/helm/src/generate.ts',
  'infra/build/metrics-reference.ts',
];
let failed = false;
for (const generator of generators) {
  const { status } = spawnSync('npx', ['tsx', generator, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
