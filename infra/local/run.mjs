// Starts src/main.ts on a machine that has nothing but Node: installs the workspace's dependencies first when they are missing or changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const marker = join(root, 'node_modules/.pilotfish-lockfile-hash');
const program = pathToFileURL(join(here, 'src/main.ts')).href;

// These two are called by scripts, often and with their output parsed: any installed state will do for them.
const quick = ['kubeconfig', 'kubectl'].includes(process.argv[2] ?? '');

if (!(quick ? canRun() : isInstalled())) install();
const { register } = await import('tsx/esm/api');
register();
await import(program);

function canRun() {
  try {
    import.meta.resolve('tsx/esm/api');
    return true;
  } catch {
    return false;
  }
}

function isInstalled() {
  try {
    return canRun() && readFileSync(marker, 'utf8') === lockfileHash();
  } catch {
    return false;
  }
}

function lockfileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .digest('hex');
}

function install() {
  console.error('Installing the dependencies of the workspace …');
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const arguments_ = ['exec', '--yes', packageManager, '--', 'install', '--frozen-lockfile'];
  const { status } = spawnSync('npm', arguments_, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) {
    writeFileSync(marker, lockfileHash());
  } else if (canRun()) {
    console.error('That failed: going on with what is installed.');
  } else {
    console.error(`That failed. Run "npm ${arguments_.join(' ')}" in ${root} and see what it says.`);
    process.exit(1);
  }
}
