import { randomUUID } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { GtidSet } from '@pilotfish/gtid';
import type { Clock, Logger } from '@pilotfish/service';
import { isErrno, writeDurably } from './files.ts';
import type { AgentMetrics } from './metrics.ts';
import type { Paths } from './paths.ts';
import { messageOf, Refusal } from './refusal.ts';
import { decideStart } from './start-decision.ts';
import type { UnacknowledgedTail } from './unacknowledged-tail.ts';

/** A start of mysqld that waits for the boundary of its transactions. */
export interface AwaitedBoundary {
  /** Of this wait: an order that was made for another is refused. */
  readonly id: string;
  /** server_uuid whose transactions may be unacknowledged. */
  readonly source: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface RewindOrder {
  readonly wait: string;
  readonly source: string;
  /** What other servers have received of that source's transactions. */
  readonly received: GtidSet;
}

export interface StartGateOptions {
  readonly paths: Paths;
  readonly tail: Pick<UnacknowledgedTail, 'examine' | 'cut' | 'resume'>;
  /** How cut off this instance is. */
  readonly isolation: { readonly isolated: boolean };
  readonly contacts: { isSolo(): boolean };
  readonly waitMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AgentMetrics;
}

interface Wait extends AwaitedBoundary {
  readonly beganMs: number;
  lastIsolatedMs: number | undefined;
  isOrdered: boolean;
  isOver: boolean;
}

/** When nothing tells that run-mysqld.sh wants to start mysqld. */
const backstopMs = 1000;
const pollMs = 50;

/**
 * Stands before each start of mysqld after an end that was not in order. run-mysqld.sh makes `start.wanted` and waits; who renames that
 * file may act: the agent to `start.claimed`, which it removes when mysqld may start, or the script, when no agent is there.
 */
export class StartGate {
  readonly #options: StartGateOptions;
  #wait: Wait | undefined;
  #changed = false;
  #ring: (() => void) | undefined;

  constructor(options: StartGateOptions) {
    this.#options = options;
  }

  get awaited(): AwaitedBoundary | undefined {
    if (this.#wait === undefined) return undefined;
    const { id, source, since } = this.#wait;
    return { id, source, since };
  }

  async run(signal: AbortSignal): Promise<void> {
    const { paths, logger } = this.#options;
    await writeDurably(paths.agentPidFile, `${process.pid}\n`);
    // Left by an earlier run of the agent.
    await renamed(paths.startClaimed, paths.startWanted);
    const watcher = this.#watch();
    while (!signal.aborted) {
      this.#changed = false;
      try {
        if (await renamed(paths.startWanted, paths.startClaimed)) await this.#attend(signal);
        else await this.#rung(signal);
      } catch (error: unknown) {
        logger.error({ detail: messageOf(error) }, 'the start of mysqld could not be looked after');
        await this.#rung(signal);
      }
    }
    watcher?.close();
  }

  /** Cuts off what nobody else has, and lets mysqld start. @throws Refusal; mysqld then starts as it is, unless the wait was another */
  async rewind({ wait, source, received }: RewindOrder): Promise<{ outcome: 'rewound' | 'nothing'; gtids: string }> {
    const current = this.#awaitedFor(wait);
    const { tail, metrics, logger } = this.#options;
    current.isOrdered = true;
    try {
      const cut = await tail.cut({ source: source.toLowerCase(), received });
      metrics.rewinds.inc({ outcome: cut.kind });
      logger.info({ ...cut, received: received.toString() }, 'rewind');
      if (cut.kind === 'refused') throw new Refusal(409, cut.reason);
      return cut.kind === 'cut'
        ? { outcome: 'rewound', gtids: cut.gtids.toString() }
        : { outcome: 'nothing', gtids: '' };
    } finally {
      current.isOver = true;
    }
  }

  /** Lets mysqld start as it is. @throws Refusal */
  start(wait: string): void {
    this.#awaitedFor(wait).isOver = true;
  }

  #awaitedFor(id: string): Wait {
    if (this.#wait?.id !== id || this.#wait.isOrdered) throw new Refusal(410, 'mysqld does not wait for that');
    return this.#wait;
  }

  async #attend(signal: AbortSignal): Promise<void> {
    const { paths, tail, waitMs } = this.#options;
    try {
      await tail.resume();
      const source = waitMs === 0 ? undefined : await tail.examine();
      if (source !== undefined) await this.#awaitBoundary(source, signal);
    } finally {
      // The next run of the agent goes on.
      if (!signal.aborted) await rm(paths.startClaimed, { force: true });
    }
  }

  async #awaitBoundary(source: string, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    const wait: Wait = {
      id: randomUUID(),
      source,
      since: clock.wall().toISOString(),
      beganMs: clock.nowMs(),
      lastIsolatedMs: undefined,
      isOrdered: false,
      isOver: false,
    };
    this.#wait = wait;
    logger.info({ wait: wait.id, source }, 'mysqld waits for the boundary of what others have received');
    try {
      while (!wait.isOver && !signal.aborted) {
        if (!wait.isOrdered && this.#waitedEnough(wait)) {
          logger.warn(
            { waitedMs: Math.round(clock.nowMs() - wait.beganMs) },
            'no boundary came: mysqld starts as it is',
          );
          return;
        }
        await clock.sleep(pollMs, signal).catch(() => undefined);
      }
    } finally {
      this.#wait = undefined;
    }
  }

  #waitedEnough(wait: Wait): boolean {
    const { isolation, contacts, waitMs, clock } = this.#options;
    const nowMs = clock.nowMs();
    const { isolated } = isolation;
    if (isolated) wait.lastIsolatedMs = nowMs;
    const { beganMs, lastIsolatedMs } = wait;
    return decideStart({ nowMs, beganMs, waitMs, isolated, lastIsolatedMs, solo: contacts.isSolo() }) === 'start';
  }

  /** Without it (a node has only so many), the backstop is what wakes. */
  #watch(): FSWatcher | undefined {
    const { paths, logger } = this.#options;
    try {
      const watcher = watch(paths.run, () => {
        this.#changed = true;
        this.#ring?.();
      });
      watcher.on('error', (error) => logger.warn({ detail: messageOf(error) }, 'the run directory is not watched'));
      return watcher;
    } catch (error: unknown) {
      logger.warn({ detail: messageOf(error) }, 'the run directory is not watched');
      return undefined;
    }
  }

  /** Until the run directory changes, or has changed since the last look. */
  async #rung(signal: AbortSignal): Promise<void> {
    if (this.#changed || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#ring = undefined;
        resolve();
      };
      const timer = setTimeout(done, backstopMs);
      signal.addEventListener('abort', done, { once: true });
      this.#ring = done;
    });
  }
}

/** Whether it was there to be renamed: of two that try, one succeeds. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error: unknown) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
