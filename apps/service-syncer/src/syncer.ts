import { type DomainEvent, isEvent } from '@pilotfish/events';
import { done, keyOf, type ReadonlyStore, type ReconcileResult, requeueAfter } from '@pilotfish/kube';
import type { Logger } from '@pilotfish/service';
import type { Announcer } from './announcer.ts';
import type { ClusterView, Topology } from './cluster-view.ts';
import { type DesiredLabels, desiredLabels } from './desired-labels.ts';
import type { HintBook } from './hint-book.ts';
import { graceMs, type Incarnations } from './incarnations.ts';
import type { LabelWriter } from './label-writer.ts';
import type { SyncerMetrics } from './metrics.ts';
import type { PodView } from './pod-view.ts';
import { recentMs } from './recent-writes.ts';
import type { StatusWriter } from './status-writer.ts';
import { writeEndpoint } from './write-hint.ts';

export interface SyncerOptions {
  readonly clusters: Pick<ReadonlyStore<ClusterView>, 'get'>;
  readonly pods: Pick<ReadonlyStore<PodView, 'cluster'>, 'by'>;
  readonly hints: HintBook;
  readonly incarnations: Incarnations;
  readonly labels: LabelWriter;
  readonly status: StatusWriter;
  readonly announcer: Announcer;
  readonly metrics: SyncerMetrics;
  readonly logger: Pick<Logger, 'warn'>;
  /** Asked before each fast write; the slow ones run only while leading anyway. */
  readonly isLeading: () => boolean;
  /** Has a cluster reconciled soon. */
  readonly enqueue: (key: string) => void;
}

/**
 * Makes pod labels and node statuses follow the topology. Two ways lead here: `reconcile`, from the caches, whenever
 * something changed; and `primaryOpened`, from the bus, which only moves the labels and leaves the rest to the former.
 */
export class Syncer {
  readonly #options: SyncerOptions;

  constructor(options: SyncerOptions) {
    this.#options = options;
  }

  /** Rejects when something could not be written, after having tried everything. */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { clusters, status, metrics, incarnations } = this.#options;
    const cluster = clusters.get(key);
    // No topology: nothing is known, so what is there stays, above all the labels of an adopted cluster.
    if (cluster === undefined || typeof cluster.topology === 'string') return done;
    const { topology } = cluster;
    const pods = this.#podsOf(key);
    const names = new Set(pods.map((pod) => pod.metadata.name));
    const [labels, written] = await Promise.allSettled([
      this.#syncLabels(key, cluster, topology, pods, signal),
      status.write(cluster, topology, names, signal),
    ]);
    const current = pods.map((pod) => this.#options.labels.current(pod));
    metrics.cluster(cluster.metadata.namespace, cluster.metadata.name, {
      hasWriteEndpoint: current.some(({ role }) => role === 'master'),
      healthyInstances: current.filter(({ healthy }) => healthy === 'yes').length,
    });
    if (labels.status === 'rejected') throw labels.reason;
    if (written.status === 'rejected') throw written.reason;
    const isInDoubt = pods.some((pod) => !incarnations.isVouched(pod, topology));
    return this.#lookAgain(key, { changed: labels.value > 0, isInDoubt, statusMs: written.value });
  }

  /** The fast path. Never rejects. */
  async primaryOpened(event: DomainEvent): Promise<void> {
    if (!isEvent(event, 'primary-opened')) return;
    const { clusters, hints, metrics, isLeading, enqueue, logger } = this.#options;
    const key = keyOf({ metadata: { namespace: event.namespace, name: event.cluster } });
    const cluster = clusters.get(key);
    // The id begins with the cluster's uid: an event about a former cluster of this name is not about this one.
    if (
      cluster === undefined ||
      typeof cluster.topology === 'string' ||
      !event.id.startsWith(`${cluster.metadata.uid}:`)
    ) {
      metrics.hinted('unknown-cluster');
      return;
    }
    const { primary, epoch } = event.data;
    const verdict = hints.offer(key, { primary, epoch, openedAt: new Date(event.time) }, cluster.topology);
    metrics.hinted(verdict);
    if (verdict !== 'accepted' || !isLeading()) return;
    try {
      await this.#syncLabels(key, cluster, cluster.topology, this.#podsOf(key));
    } catch (error) {
      logger.warn({ err: error, key }, 'labels could not be moved at once');
    }
    enqueue(key);
  }

  /** True when the caches say that a pod has not the labels it should have. */
  isBehind(key: string): boolean {
    const cluster = this.#options.clusters.get(key);
    if (cluster === undefined || typeof cluster.topology === 'string') return false;
    const pods = this.#podsOf(key);
    return this.#options.labels.changes(pods, this.#desired(key, cluster.topology, pods)).length > 0;
  }

  /** Only the labels, by what was just read. Returns how many pods were changed; rejects when one could not be. */
  async moveLabels(cluster: ClusterView, pods: readonly PodView[], signal: AbortSignal): Promise<number> {
    if (typeof cluster.topology === 'string') return 0;
    return await this.#syncLabels(keyOf(cluster), cluster, cluster.topology, pods, signal);
  }

  /** Returns how many pods were changed. */
  async #syncLabels(
    key: string,
    cluster: ClusterView,
    topology: Topology,
    pods: readonly PodView[],
    signal?: AbortSignal,
  ): Promise<number> {
    const { hints, labels, announcer } = this.#options;
    const hint = hints.get(key);
    const desired = this.#desired(key, topology, pods);
    const { changes, failures } = await labels.write(pods, desired, signal);
    const endpoint = writeEndpoint(topology, hint);
    announcer.labelsChanged(cluster, endpoint?.epoch ?? topology.epoch, changes, endpoint, hint);
    if (failures.length > 0) throw failures[0];
    return changes.length;
  }

  #desired(key: string, topology: Topology, pods: readonly PodView[]): DesiredLabels[] {
    const { hints, incarnations } = this.#options;
    const candidates = pods.map((pod) => ({
      pod: pod.metadata.name,
      vouched: incarnations.isVouched(pod, topology),
    }));
    return desiredLabels(topology, candidates, hints.get(key));
  }

  #podsOf(key: string): readonly PodView[] {
    return this.#options.pods.by('cluster', key);
  }

  /** Own writes are looked at once more when the cache must have them; hints and doubts end by themselves. */
  #lookAgain(
    key: string,
    { changed, isInDoubt, statusMs }: { changed: boolean; isInDoubt: boolean; statusMs: number | undefined },
  ): ReconcileResult {
    const times = [
      statusMs,
      changed ? recentMs : undefined,
      isInDoubt ? graceMs : undefined,
      this.#options.hints.remainingMs(key),
    ].filter((ms) => ms !== undefined);
    return times.length === 0 ? done : requeueAfter(Math.min(...times));
  }
}
