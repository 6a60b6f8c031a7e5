import { selectorLabels } from '@pilotfish/api';
import { done, type KubeClient, pods as podResource, type ReconcileResult, requeueAfter } from '@pilotfish/kube';
import type { Clock, Logger } from '@pilotfish/service';
import { clusterView, mysqlClusters } from './cluster-view.ts';
import type { SyncerMetrics } from './metrics.ts';
import { podView } from './pod-view.ts';
import type { Syncer } from './syncer.ts';

/** How long labels may be wrong before a standby moves them, in milliseconds: a leader that lives needs some tens. */
export const patienceMs = 500;

export interface StandInOptions {
  readonly client: Pick<KubeClient, 'find' | 'list'>;
  readonly syncer: Pick<Syncer, 'isBehind' | 'moveLabels'>;
  readonly isLeading: () => boolean;
  readonly metrics: Pick<SyncerMetrics, 'stoodIn'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * What a standby does when the labels stay behind the topology: the leader may be on the node that took the primary
 * along, and its lease outlives both. Labels follow from the status alone, so two who write them write the same; what
 * could differ are their caches, hence all is read anew first.
 */
export class StandIn {
  readonly #options: StandInOptions;
  readonly #behindSinceMs = new Map<string, number>();

  constructor(options: StandInOptions) {
    this.#options = options;
  }

  /** Rejects when something could not be read or written. */
  async reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult> {
    const { syncer, isLeading, clock, logger, metrics } = this.#options;
    if (isLeading() || !syncer.isBehind(key)) {
      this.#behindSinceMs.delete(key);
      return done;
    }
    const sinceMs = this.#behindSinceMs.get(key) ?? clock.nowMs();
    this.#behindSinceMs.set(key, sinceMs);
    const remainingMs = sinceMs + patienceMs - clock.nowMs();
    if (remainingMs > 0) return requeueAfter(remainingMs);
    const current = await this.#read(key, signal);
    if (current === undefined) return done;
    const changed = await syncer.moveLabels(current.cluster, current.pods, signal);
    if (changed === 0) return done;
    metrics.stoodIn();
    logger.warn({ key, changed }, 'the leader left the labels behind; moved them in its place');
    return done;
  }

  forget(key: string): void {
    this.#behindSinceMs.delete(key);
  }

  async #read(key: string, signal: AbortSignal) {
    const { client } = this.#options;
    const [namespace = '', name = ''] = key.split('/');
    const labelSelector = Object.entries(selectorLabels(name))
      .map(([label, value]) => `${label}=${value}`)
      .join(',');
    const [cluster, pods] = await Promise.all([
      client.find(mysqlClusters, { namespace, name }, { signal }),
      client.list(podResource, { namespace, labelSelector, signal }),
    ]);
    if (cluster === undefined) return undefined;
    return {
      cluster: clusterView(cluster),
      pods: pods.items.map(podView).filter(({ clusterKey }) => clusterKey === key),
    };
  }
}
