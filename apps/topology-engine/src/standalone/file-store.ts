import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TopologyStatus, topologyStatus } from '@pilotfish/api';
import { messageOf } from '@pilotfish/service';
import { z } from 'zod';
import type { EngineCondition, TopologyStore } from '../inventory.ts';
import { DirectoryLock } from './directory-lock.ts';

const condition = z.object({
  type: z.enum(['FailoverInProgress', 'PendingFailoverAck', 'Durable', 'CredentialsValid', 'ErrantTransactions']),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
});

const content = z.object({ topology: topologyStatus.optional(), conditions: z.array(condition).default([]) });
type Content = z.output<typeof content>;

/**
 * The topology of each cluster in a file of its own, `DIR/clusters/<namespace>/<name>.json`: written beside it, synced, and renamed into
 * place, so that after a crash it holds what was recorded last. One engine at a time has the directory.
 */
export class FileStore implements TopologyStore {
  readonly #directory: string;
  readonly #lock: DirectoryLock;
  /** Work on one cluster's file, one after the other. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #last = new Map<string, TopologyStatus | undefined>();

  private constructor(directory: string, lock: DirectoryLock) {
    this.#directory = directory;
    this.#lock = lock;
  }

  /** @throws LockedError if another engine has the directory */
  static async open(directory: string): Promise<FileStore> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new FileStore(directory, await DirectoryLock.take(directory));
  }

  async read(key: string): Promise<TopologyStatus | undefined> {
    return (await this.#read(key)).topology;
  }

  /** As it was read or written last by this engine. */
  last(key: string): TopologyStatus | undefined {
    return this.#last.get(key);
  }

  async replace(key: string, next: TopologyStatus, expected: TopologyStatus | undefined): Promise<boolean> {
    return await this.#inTurn(key, async () => {
      const before = await this.#read(key);
      if (!isSame(before.topology, expected)) return false;
      await this.#write(key, { ...before, topology: next });
      return true;
    });
  }

  async setConditions(key: string, conditions: readonly EngineCondition[]): Promise<void> {
    await this.#inTurn(key, async () => {
      await this.#write(key, { ...(await this.#read(key)), conditions: [...conditions] });
    });
  }

  async conditions(key: string): Promise<readonly EngineCondition[]> {
    return (await this.#read(key)).conditions;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#queues.values());
    await this.#lock.release();
  }

  async #inTurn<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const turn = (this.#queues.get(key) ?? Promise.resolve()).then(work);
    this.#queues.set(
      key,
      turn.catch(() => undefined),
    );
    return await turn;
  }

  /** A file that can't be understood is an error, never a cluster without a past. */
  async #read(key: string): Promise<Content> {
    const path = this.#pathOf(key);
    try {
      const found = content.parse(JSON.parse(await readFile(path, 'utf8')));
      this.#last.set(key, found.topology);
      return found;
    } catch (error: unknown) {
      if (isMissing(error)) return { conditions: [] };
      throw new Error(`the recorded state ${path} can't be read: ${messageOf(error)}`, { cause: error });
    }
  }

  async #write(key: string, next: Content): Promise<void> {
    await this.#lock.verify();
    const path = this.#pathOf(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(next, null, 2)}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await syncDirectory(dirname(path));
    this.#last.set(key, next.topology);
  }

  #pathOf(key: string): string {
    return join(this.#directory, 'clusters', `${key}.json`);
  }
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';

/** The preconditions of the status in Kubernetes: epoch, primary, owner, operation, and who carries it out. */
function isSame(a: TopologyStatus | undefined, b: TopologyStatus | undefined): boolean {
  return (
    a?.epoch === b?.epoch &&
    a?.primary === b?.primary &&
    a?.owner?.term === b?.owner?.term &&
    a?.operation?.id === b?.operation?.id &&
    a?.operation?.engine === b?.operation?.engine
  );
}

/** A rename is on disk when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
