import { link, open, rename, stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';

const name = 'engine.lock';

/** The directory is another engine's. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/**
 * Keeps a directory for one process. The lock is a socket that its owner listens on: the kernel ends it with the process, however that
 * ends, so a lock is held if and only if somebody answers. Works over container boundaries, not between machines.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #server: Server;
  readonly #inode: number;

  private constructor(directory: string, server: Server, inode: number) {
    this.#directory = directory;
    this.#server = server;
    this.#inode = inode;
  }

  /** @throws LockedError if another process has it */
  static async take(directory: string): Promise<DirectoryLock> {
    const own = `${directory}/${name}.${String(process.pid)}`;
    const server = createServer((socket) => socket.on('error', () => undefined).end());
    server.unref();
    await unlink(own).catch(() => undefined);
    await listen(server, directory, own);
    try {
      const { ino } = await stat(own);
      await claim(directory, own);
      return new DirectoryLock(directory, server, ino);
    } catch (error: unknown) {
      server.close();
      throw error;
    } finally {
      await unlink(own).catch(() => undefined);
    }
  }

  /** @throws LockedError if somebody took the lock's file away or put another in its place */
  async verify(): Promise<void> {
    const found = await stat(`${this.#directory}/${name}`).catch(() => undefined);
    if (found?.ino !== this.#inode) throw new LockedError(`${this.#directory}/${name} is no longer this engine's`);
  }

  async release(): Promise<void> {
    await this.verify().then(
      () => unlink(`${this.#directory}/${name}`),
      () => undefined,
    );
    this.#server.close();
  }
}

/** A link to a name that is taken fails, so of two that claim it at once one gets it. */
async function claim(directory: string, own: string): Promise<void> {
  const lock = `${directory}/${name}`;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await linked(own, lock)) return;
    if (await isAnswered(directory, name)) throw new LockedError(`another engine works with ${directory}`);
    await removeDead(directory, lock);
  }
  throw new LockedError(`${lock} can not be had: others claim it too`);
}

/** Moved aside first, and looked at there: between the look and the removal another may have put a live one in its place. */
async function removeDead(directory: string, lock: string): Promise<void> {
  const aside = `${name}.${String(process.pid)}.dead`;
  const path = `${directory}/${aside}`;
  await rename(lock, path).catch(() => undefined);
  if (await isAnswered(directory, aside)) await linked(path, lock);
  await unlink(path).catch(() => undefined);
}

/** @returns false if the name is taken */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAnswered(directory: string, file: string): Promise<boolean> {
  return await throughShortPath(
    directory,
    file,
    async (path) =>
      await new Promise((resolve) => {
        const socket = connect(path);
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => {
          resolve(false);
        });
      }),
  );
}

async function listen(server: Server, directory: string, own: string): Promise<void> {
  await throughShortPath(directory, own.slice(directory.length + 1), async (path) => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  });
}

/** The path of a socket has at most 107 bytes; by way of an open directory it always fits. */
async function throughShortPath<Value>(
  directory: string,
  file: string,
  use: (path: string) => Promise<Value>,
): Promise<Value> {
  const handle = await open(directory, 'r');
  try {
    return await use(`/proc/self/fd/${String(handle.fd)}/${file}`);
  } finally {
    await handle.close();
  }
}
