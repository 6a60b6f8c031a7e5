import { join, resolve } from 'node:path';

/** The checkout this program belongs to. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

/** infra/local of that checkout. */
export const localRoot = resolve(import.meta.dirname, '..');

/** What is worth keeping between runs and checkouts: binaries, packages, images. Safe to delete at any time. */
export const cacheDir = process.env.PILOTFISH_CACHE ?? '/var/cache/pilotfish';

/** Everything one running cluster writes, except its volumes and container images: removed by `down`. */
export const runDir = process.env.PILOTFISH_RUN ?? '/var/lib/pilotfish';

export const logDir = join(runDir, 'log');
export const kubeconfigPath = join(runDir, 'kubeconfig');
