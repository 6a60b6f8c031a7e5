import { type Logger, messageOf } from '@pilotfish/service';
import type { ClusterLoop } from './cluster-loop.ts';

export interface FleetOptions {
  /** Name of this engine. */
  readonly self: string;
  /** Keys of all clusters. */
  readonly keys: () => readonly string[];
  readonly ownerOf: (key: string) => string | undefined;
  readonly createLoop: (key: string) => ClusterLoop;
  /** Called when a cluster is no longer looked after here. */
  readonly forget: (key: string) => void;
  readonly logger: Logger;
}

interface Running {
  readonly loop: ClusterLoop;
  readonly end: AbortController;
  readonly done: Promise<void>;
}

/**
 * The loops of the clusters that this engine is to look after: started and ended as that changes, started anew when one fails. A loop
 * waits by itself for the owner before it to let go.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Brings the loops in line with ownership. Cheap: called on every change of members and clusters, and on a tick. */
  reconcile(): void {
    const { keys, self, ownerOf } = this.#options;
    const ours = new Set(keys().filter((key) => ownerOf(key) === self));
    for (const [key, running] of this.#running) if (!ours.has(key)) running.end.abort();
    for (const key of ours) if (!this.#running.has(key)) this.#start(key);
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
