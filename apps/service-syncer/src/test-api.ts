import type { DomainEvent } from '@pilotfish/events';
import { createEvent } from '@pilotfish/events';
import { KubeError, type KubeObject, type Pod } from '@pilotfish/kube';
import { ManualClock } from '@pilotfish/testkit';
import { Announcer } from './announcer.ts';
import { clusterView, type RawCluster, type Topology } from './cluster-view.ts';
import { HintBook } from './hint-book.ts';
import { Incarnations } from './incarnations.ts';
import { LabelWriter } from './label-writer.ts';
import type { SyncerMetrics } from './metrics.ts';
import { podView } from './pod-view.ts';
import { StandIn } from './stand-in.ts';
import { StatusWriter } from './status-writer.ts';
import { Syncer } from './syncer.ts';
import { clusterKey, rawCluster } from './test-clusters.ts';

interface Write {
  readonly verb: 'patchMerge' | 'apply';
  readonly name: string;
  readonly body: unknown;
}

/**
 * Behaves like the API server towards the writers, and holds what the caches of a syncer would show. `lag` keeps the
 * caches as they are while writes go through, as a slow watch does.
 */
export class TestApi {
  readonly clock = new ManualClock({ startsAt: new Date('2026-11-24T10:15:00Z') });
  readonly writes: Write[] = [];
  readonly published: DomainEvent[] = [];
  readonly recorded: string[] = [];
  readonly counts = new Map<string, number>();
  readonly enqueued: string[] = [];
  /** Fails or delays a write, by the name of its object. */
  fault: (name: string) => Promise<void> | undefined = () => undefined;
  leading = true;
  lag = false;
  readonly #pods = new Map<string, Pod>();
  #cachedPods: Pod[] = [];
  #cluster: RawCluster | undefined;
  #cachedCluster: RawCluster | undefined;
  readonly hints = new HintBook(this.clock);
  readonly incarnations = new Incarnations(this.clock);
  readonly #metrics: SyncerMetrics = {
    labelPatched: this.#count('patch'),
    statusWritten: this.#count('status'),
    stoodIn: this.#count('stood in'),
    hinted: this.#count('hint'),
    ignored: this.#count('ignored'),
    writeEndpointMoved: this.#count('moved'),
    cluster: () => undefined,
    forget: () => undefined,
  };
  readonly #logger = { info: () => undefined, warn: () => undefined };
  readonly syncer: Syncer;
  readonly standIn: StandIn;

  constructor() {
    this.syncer = this.start();
    this.standIn = new StandIn({
      client: { find: this.#find, list: this.#list } as never,
      syncer: this.syncer,
      isLeading: () => this.leading,
      metrics: this.#metrics,
      clock: this.clock,
      logger: this.#logger,
    });
  }

  /** Another process with the same caches: what a restart gives. */
  start(): Syncer {
    const client = { patchMerge: this.#patchMerge, apply: this.#apply } as never;
    const { clock, hints, incarnations } = this;
    return new Syncer({
      clusters: {
        get: (key) => (key === clusterKey && this.#cachedCluster ? clusterView(this.#cachedCluster) : undefined),
      },
      pods: { by: (_index, key) => this.#cachedPods.map(podView).filter((view) => view.clusterKey === key) },
      hints,
      incarnations,
      labels: new LabelWriter({ client, metrics: this.#metrics, clock }),
      status: new StatusWriter({ client, metrics: this.#metrics, clock }),
      announcer: new Announcer({
        bus: { publish: (event) => void this.published.push(event) },
        recorder: { record: (_about, event) => void this.recorded.push(`${event.reason}: ${event.message}`) },
        source: { service: 'service-syncer', pod: 'syncer-0' },
        metrics: this.#metrics,
        clock,
        logger: this.#logger,
      }),
      metrics: this.#metrics,
      logger: this.#logger,
      isLeading: () => this.leading,
      enqueue: (key) => void this.enqueued.push(key),
    });
  }

  setTopology(topology: Topology | undefined, options?: Parameters<typeof rawCluster>[1]): void {
    const before = this.#cluster?.status as object | undefined;
    this.#cluster = rawCluster({ ...before, topology }, options);
    this.sync();
    if (topology !== undefined) this.hints.observe(clusterKey, topology);
  }

  setPods(...pods: readonly Pod[]): void {
    this.#pods.clear();
    for (const pod of pods) this.#pods.set(pod.metadata.name, pod);
    this.sync();
    const topology = this.#cluster === undefined ? undefined : clusterView(this.#cluster).topology;
    for (const pod of pods)
      this.incarnations.observe(podView(pod), typeof topology === 'object' ? topology : undefined);
  }

  /** The watch brings everything. */
  sync(): void {
    this.#cachedPods = [...this.#pods.values()];
    this.#cachedCluster = this.#cluster;
  }

  get status(): Readonly<Record<string, unknown>> {
    return { ...(this.#cluster?.status as object) };
  }

  /** `master/yes replica/yes …`, as the API server has it. */
  get labels(): string {
    return [...this.#pods.values()]
      .map(podView)
      .map(({ role, healthy }) => `${role}/${healthy}`)
      .join(' ');
  }

  reconcile(syncer = this.syncer) {
    return syncer.reconcile(clusterKey, new AbortController().signal);
  }

  standBy() {
    return this.standIn.reconcile(clusterKey, new AbortController().signal);
  }

  #count(what: string) {
    return (outcome?: unknown): void => {
      const key = typeof outcome === 'string' ? `${what} ${outcome}` : what;
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    };
  }

  readonly #find = (): Promise<RawCluster | undefined> => Promise.resolve(this.#cluster);
  readonly #list = () => Promise.resolve({ items: [...this.#pods.values()] });

  readonly #patchMerge = async (_resource: unknown, { name }: { name: string }, patch: KubeObject): Promise<Pod> => {
    this.writes.push({ verb: 'patchMerge', name, body: patch });
    await this.fault(name);
    const pod = this.#pods.get(name);
    if (pod === undefined)
      throw new KubeError({ status: 404, reason: 'NotFound', message: `pods "${name}" not found` });
    if (pod.metadata.uid !== patch.metadata.uid)
      throw new KubeError({ status: 409, reason: 'Conflict', message: 'uid' });
    const patched = {
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, ...patch.metadata.labels } },
    };
    this.#pods.set(name, patched);
    if (!this.lag) this.sync();
    return patched;
  };

  readonly #apply = async (_resource: unknown, applied: RawCluster): Promise<RawCluster> => {
    this.writes.push({ verb: 'apply', name: applied.metadata.name, body: applied });
    await this.fault(applied.metadata.name);
    const cluster = this.#cluster;
    if (cluster === undefined) throw new KubeError({ status: 404, reason: 'NotFound', message: 'gone' });
    this.#cluster = { ...cluster, status: { ...(cluster.status as object), ...(applied.status as object) } };
    if (!this.lag) this.sync();
    return this.#cluster;
  };
}

/** primary-opened of cluster shop/orders, `ageMs` before the clock's now. */
export function openedEvent(
  clock: ManualClock,
  { primary, epoch, ageMs = 0, uid = 'cluster-uid' }: { primary: string; epoch: number; ageMs?: number; uid?: string },
): DomainEvent {
  return createEvent({
    name: 'primary-opened',
    source: { service: 'topology-engine', pod: 'engine-0' },
    cluster: { namespace: 'shop', name: 'orders', uid },
    occurrence: { sequence: epoch },
    time: new Date(clock.wall().getTime() - ageMs),
    data: { primary, epoch, previous: '', kind: 'failover' },
  });
}
