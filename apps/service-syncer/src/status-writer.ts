import { type Condition, fieldManagers } from '@pilotfish/api';
import { type KubeClient, KubeError, keyOf } from '@pilotfish/kube';
import { type Clock, Lasting } from '@pilotfish/service';
import { type ClusterView, clusterView, mysqlClusters, type Topology } from './cluster-view.ts';
import type { SyncerMetrics } from './metrics.ts';
import { nodeStatuses, readOnlyCondition, type SyncedStatus } from './node-statuses.ts';
import { recentMs } from './recent-writes.ts';

interface Applied {
  readonly wanted: SyncedStatus;
  /** What the object held of it afterwards; more than `wanted` where another manager owns entries, too. */
  readonly result: ObservedStatus;
  readonly atMs: number;
}

interface ObservedStatus {
  readonly nodes: ClusterView['nodes'];
  readonly readOnly: Condition | undefined;
}

const deadlineMs = 5_000;
/** A failover changes the topology several times within a second. What is told of it here waits until labels and endpoints have moved. */
export const settleMs = 500;

/** Writes `status.nodes[]` and the condition ReadOnly when they are not what they should be, and only then. */
export class StatusWriter {
  readonly #client: Pick<KubeClient, 'apply'>;
  readonly #metrics: Pick<SyncerMetrics, 'statusWritten'>;
  readonly #clock: Pick<Clock, 'nowMs' | 'wall'>;
  readonly #applied = new Map<string, Applied>();
  readonly #differs = new Map<string, Lasting>();

  constructor(options: {
    client: Pick<KubeClient, 'apply'>;
    metrics: Pick<SyncerMetrics, 'statusWritten'>;
    clock: Pick<Clock, 'nowMs' | 'wall'>;
  }) {
    this.#client = options.client;
    this.#metrics = options.metrics;
    this.#clock = options.clock;
  }

  /**
   * `pods` are the names of the pods that exist. A cluster that was deleted meanwhile is no failure.
   * @returns milliseconds until there is something to write, or until what was written now can be seen; undefined when there is nothing
   */
  async write(
    cluster: ClusterView,
    topology: Topology,
    pods: ReadonlySet<string>,
    signal?: AbortSignal,
  ): Promise<number | undefined> {
    const key = keyOf(cluster);
    const observed = observedStatus(cluster);
    const last = this.#applied.get(key);
    const isRecent = last !== undefined && this.#clock.nowMs() - last.atMs < recentMs;
    const wanted = this.#wanted(cluster, topology, pods, isRecent ? last.wanted : observed);
    const isWritten =
      same(wanted, observed) ||
      (last !== undefined && same(wanted, last.wanted) && (isRecent || same(observed, last.result)));
    const dueMs = this.#differsFor(key).remainingMs(!isWritten);
    if (dueMs !== 0) return dueMs;
    try {
      const result = await this.#apply(cluster, wanted, signal);
      this.#applied.set(key, { wanted, result, atMs: this.#clock.nowMs() });
      this.#metrics.statusWritten('done');
    } catch (error) {
      const isGone = error instanceof KubeError && (error.isNotFound || error.isConflict);
      this.#metrics.statusWritten(isGone ? 'gone' : 'failed');
      if (!isGone) throw error;
    }
    this.#differs.delete(key);
    return recentMs;
  }

  forget(key: string): void {
    this.#applied.delete(key);
    this.#differs.delete(key);
  }

  #differsFor(key: string): Lasting {
    const known = this.#differs.get(key) ?? new Lasting(this.#clock, settleMs);
    this.#differs.set(key, known);
    return known;
  }

  #wanted(cluster: ClusterView, topology: Topology, pods: ReadonlySet<string>, previous: ObservedStatus): SyncedStatus {
    const now = this.#clock.wall();
    const conditions = previous.readOnly === undefined ? [] : [previous.readOnly];
    return {
      nodes: nodeStatuses(cluster, topology, pods, previous.nodes, now),
      readOnly: readOnlyCondition(cluster, topology, conditions, now),
    };
  }

  async #apply(cluster: ClusterView, { nodes, readOnly }: SyncedStatus, signal?: AbortSignal): Promise<ObservedStatus> {
    const { name, namespace, uid } = cluster.metadata;
    const applied = await this.#client.apply(
      mysqlClusters,
      { metadata: { name, namespace, uid }, status: { conditions: [readOnly], nodes } },
      { subresource: 'status', fieldManager: fieldManagers.serviceSyncer, force: true, deadlineMs, signal },
    );
    return observedStatus(clusterView(applied));
  }
}

function observedStatus(cluster: ClusterView): ObservedStatus {
  return { nodes: cluster.nodes, readOnly: cluster.conditions.find(({ type }) => type === 'ReadOnly') };
}

/** Both come from the same schemas, so equal values have equal JSON; the order of nodes does not matter. */
function same(a: ObservedStatus, b: ObservedStatus): boolean {
  const normal = ({ nodes, readOnly }: ObservedStatus) =>
    JSON.stringify([[...nodes].sort((one, other) => one.name.localeCompare(other.name)), readOnly]);
  return normal(a) === normal(b);
}
