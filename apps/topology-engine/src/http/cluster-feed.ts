import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterControl } from './engine.ts';
import type { ClusterView } from './schemas.ts';

export interface FeedEvent {
  /** Unique; those of one feed count up. */
  readonly id: string;
  readonly name: 'cluster' | 'run';
  readonly data: string;
}

const keptEvents = 200;
const keptBytes = 4 * 1024 * 1024;

/** What happens to one cluster, event by event, and the latest of it once more for those who come back. */
export class ClusterFeed {
  readonly #control: ClusterControl;
  readonly #view: () => ClusterView | undefined;
  readonly #series = randomBytes(4).toString('hex');
  readonly #listeners = new Set<(event: FeedEvent) => void>();
  readonly #events: FeedEvent[] = [];
  #bytes = 0;
  #count = 0;
  #told: unknown;
  #stop: (() => void) | undefined;

  constructor(control: ClusterControl, view: () => ClusterView | undefined) {
    this.#control = control;
    this.#view = view;
  }

  get control(): ClusterControl {
    return this.#control;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  /**
   * Calls back with each event from now on, until the returned function is called. First with those after `lastId`, as far as
   * they are kept; otherwise with the cluster as it is.
   */
  listen(lastId: string | undefined, listener: (event: FeedEvent) => void): () => void {
    this.#start();
    const known = this.#events.findIndex(({ id }) => id === lastId);
    const missed =
      known < 0 ? this.#events.filter(({ name }) => name === 'cluster').slice(-1) : this.#events.slice(known + 1);
    for (const event of missed) listener(event);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #start(): void {
    if (this.#stop) return;
    const stops = [
      this.#control.onLook(() => this.#look()),
      this.#control.runs.onChange((report) => this.#tell('run', report)),
    ];
    this.#stop = () => {
      for (const stop of stops) stop();
    };
    this.#look();
  }

  /** Ages change at every look and are not told. */
  #look(): void {
    const view = this.#view();
    if (!view) return;
    const steady = withoutAges(view);
    if (isDeepStrictEqual(steady, this.#told)) return;
    this.#told = steady;
    this.#tell('cluster', view);
  }

  #tell(name: FeedEvent['name'], content: unknown): void {
    this.#count += 1;
    const event = { id: `${this.#series}-${String(this.#count)}`, name, data: JSON.stringify(content) };
    this.#events.push(event);
    this.#bytes += event.data.length;
    while (this.#events.length > keptEvents || (this.#bytes > keptBytes && this.#events.length > 1)) {
      this.#bytes -= this.#events.shift()?.data.length ?? 0;
    }
    for (const listener of this.#listeners) listener(event);
  }
}

/** What moves by itself on a cluster that is well: ages, and the transactions of its writers. The rest is news. */
function withoutAges({ running: _, instances, ...view }: ClusterView): unknown {
  return {
    ...view,
    instances: instances.map(({ evidence, ...facts }) => ({
      ...facts,
      contact: evidence?.contact,
      source: evidence?.replication?.source,
      receiver: evidence?.replication?.receiver,
      applier: evidence?.replication?.applier,
    })),
  };
}
