import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerResource } from './started-resources.ts';

export interface TempFolder {
  readonly path: string;
  /** With all that is in it. Idempotent. */
  remove(): Promise<void>;
}

const prefix = 'pilotfish-test-';
const ownerPattern = /^pilotfish-test-(\d+)-/;
let swept: Promise<void> | undefined;

/** A folder of this process. What processes that were killed left behind is removed at the first use. */
export async function tempFolder(purpose: string): Promise<TempFolder> {
  swept ??= removeAbandoned();
  await swept;
  const path = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-${purpose}-`));
  const remove = async (): Promise<void> => {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
    forget();
  };
  const forget = registerResource(`folder ${path}`, remove);
  return { path, remove };
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = ownerPattern.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error: unknown) {
    // EPERM: alive, and another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
