import { type Clock, type Logger, messageOf } from '@pilotfish/service';
import type { ClusterLoop } from './cluster-loop.ts';

export interface FleetOptions {
  /** Name of this engine. */
  readonly self: string;
  /** Keys of all clusters. */
  readonly keys: () => readonly string[];
  readonly ownerOf: (key: string) => string | undefined;
  readonly isAlive: (engine: string) => boolean;
  readonly createLoop: (key: string) => ClusterLoop;
  /** Called when a cluster is no longer looked after here. */
  readonly forget: (key: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Running {
  readonly loop: ClusterLoop;
  readonly end: AbortController;
  readonly done: Promise<void>;
}

interface Ownership {
  readonly owner: string | undefined;
  /** Before this a new owner does not begin, by the clock's `nowMs`. */
  readonly notBefore: number;
}

/** A live owner gets this long to let go before the next one begins, milliseconds; a dead one none. */
const handOverMs = 2_000;

/** The loops of the clusters that this engine owns: started and ended as ownership changes, started anew when one fails. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #running = new Map<string, Running>();
  readonly #ownerships = new Map<string, Ownership>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Brings the loops in line with ownership. Cheap: called on every change of members and clusters, and on a tick. */
  reconcile(): void {
    const { keys, self, clock } = this.#options;
    const all = keys();
    for (const key of all) this.#observe(key);
    for (const key of this.#ownerships.keys()) if (!all.includes(key)) this.#ownerships.delete(key);
    for (const [key, running] of this.#running) {
      if (this.#ownerships.get(key)?.owner !== self) running.end.abort();
    }
    for (const [key, { owner, notBefore }] of this.#ownerships) {
      if (owner === self && clock.nowMs() >= notBefore && !this.#running.has(key)) this.#start(key);
    }
  }

  /** The loop of a cluster that is looked after here. */
  loop(key: string): ClusterLoop | undefined {
    return this.#running.get(key)?.loop;
  }

  notify(key: string): void {
    this.#running.get(key)?.loop.notify();
  }

  get size(): number {
    return this.#running.size;
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { end } of all) end.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  #observe(key: string): void {
    const { ownerOf, isAlive, clock, self } = this.#options;
    const before = this.#ownerships.get(key);
    const owner = ownerOf(key);
    if (before && before.owner === owner) return;
    const letsGo = before?.owner !== undefined && before.owner !== self && isAlive(before.owner);
    this.#ownerships.set(key, { owner, notBefore: clock.nowMs() + (letsGo ? handOverMs : 0) });
  }

  #start(key: string): void {
    const { createLoop, forget, logger } = this.#options;
    const end = new AbortController();
    const loop = createLoop(key);
    logger.info({ key }, 'looking after this cluster');
    const done = loop
      .run(end.signal)
      .catch((error: unknown) => {
        logger.error({ key, err: messageOf(error) }, 'the loop of a cluster failed; it is started anew');
      })
      .finally(() => {
        this.#running.delete(key);
        forget(key);
        logger.info({ key }, 'no longer looking after this cluster');
      });
    this.#running.set(key, { loop, end, done });
  }
}
