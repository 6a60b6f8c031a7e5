// Installs the workspace's dependencies when they are missing or the lockfile has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');
const marker = join(root, 'node_modules/.pilotfish-lockfile-hash');

/** Arguments of npm that run the pnpm that package.json asks for; it needn't be installed. Programs under it find it too. */
export const pnpm = [
  'exec',
  '--yes',
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager,
  '--',
];

export function ensureDependencies() {
  if (isInstalled()) return;
  console.error('Installing the dependencies of the workspace …');
  const args = [...pnpm, 'install', '--frozen-lockfile'];
  const { status } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`That failed. Run "npm ${args.join(' ')}" and see what it says.`);
    process.exit(1);
  }
  writeFileSync(marker, lockfileHash());
}

/** Whether the programs of the workspace can run at all, be it with dependencies of an older lockfile. */
export function haveDependencies() {
  return existsSync(join(root, 'node_modules/tsx'));
}

function isInstalled() {
  try {
    return readFileSync(marker, 'utf8') === lockfileHash();
  } catch {
    return false;
  }
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
}
