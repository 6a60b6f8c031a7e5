import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrno } from './errno.ts';
import { processIdentity } from './process-identity.ts';

export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  readonly holderPid: number;

  constructor(path: string, holderPid: number) {
    super(`process ${holderPid} holds ${path}`);
    this.holderPid = holderPid;
  }
}

export interface LockOptions {
  /** How long to wait for the present holder; 0 throws a LockHeldError at once. */
  readonly waitMs: number;
}

/**
 * Runs `work` while no other process holds the lock at `path`.
 *
 * The lock is a file with its holder's identity, so that a holder which was killed doesn't keep it: there is no flock in Node.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + options.waitMs;
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    const holder = tryLock(path);
    if (holder === undefined) break;
    if (performance.now() >= deadline) throw new LockHeldError(path, holder);
    await delay(100);
  }
  const release = (): void => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** Takes the lock and returns undefined, or returns the pid of the live process that holds it. */
function tryLock(path: string): number | undefined {
  const own = `${process.pid} ${processIdentity(process.pid)}`;
  const candidate = `${path}.${process.pid}`;
  writeFileSync(candidate, own);
  try {
    linkSync(candidate, path);
    return undefined;
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    rmSync(candidate, { force: true });
  }
  const [pidText, ...identity] = readOrEmpty(path).split(' ');
  const pid = Number(pidText);
  if (pid > 0 && processIdentity(pid) === identity.join(' ')) return pid;
  rmSync(path, { force: true });
  return tryLock(path);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}
