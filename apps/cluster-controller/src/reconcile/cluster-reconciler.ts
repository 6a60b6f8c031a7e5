import { findCondition, type MysqlClusterStatus, type ResolvedCluster } from '@pilotfish/api';
import {
  done,
  type KubeClient,
  keyOf,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
} from '@pilotfish/kube';
import type { ControllerMetrics } from '../metrics.ts';
import type { Problem } from '../model/problem.ts';
import type { Readiness } from '../plan/assess-readiness.ts';
import { podFactsOf } from '../plan/pod-facts-of.ts';
import { announceSettlement } from './announce-settlement.ts';
import { announceStatus } from './announce-status.ts';
import type { Announcer } from './announcer.ts';
import { namesOf } from './cluster-objects.ts';
import { composeStatus } from './compose-status.ts';
import { readCluster } from './read-cluster.ts';
import { releaseFinalizers } from './release-finalizers.ts';
import type { RawCluster } from './resources.ts';
import { type SettleDependencies, type Settlement, settleCluster } from './settle-cluster.ts';
import { type OwnStatus, StatusWriter } from './status-writer.ts';

export interface ReconcilerOptions extends SettleDependencies {
  readonly client: KubeClient;
  readonly announcer: Announcer;
  readonly metrics: ControllerMetrics;
  /** Takes the series of a cluster that is gone out of the registry. */
  readonly forgetMetrics: (labels: { readonly namespace: string; readonly cluster: string }) => void;
}

/** When to look again although nothing has told of a change, in milliseconds. */
export const lookAgainMs = {
  stepOfRoll: 2_000,
  missingSecret: 3_000,
  heldScaling: 3_000,
  notReady: 10_000,
  refused: 30_000,
  anyway: 120_000,
};

/** Makes the objects of clusters, and says in their status how they do. */
export class ClusterReconciler {
  readonly #options: ReconcilerOptions;
  readonly #status: StatusWriter;
  /** Clusters as last seen, to tell of their end. */
  readonly #known = new Map<string, RawCluster>();

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#status = new StatusWriter(options.client);
  }

  /** For Controller. Rejects with AggregateError when something failed that is worth another try soon. */
  readonly reconcile = async (key: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const raw = this.#options.caches.clusters.store.get(key);
    const before = this.#known.get(key);
    if (before !== undefined && before.metadata.uid !== raw?.metadata.uid) this.#forget(key, before);
    if (raw === undefined) return done;
    this.#known.set(key, raw);
    if (raw.metadata.deletionTimestamp !== undefined) {
      await releaseFinalizers(this.#options.client, raw, signal);
      return done;
    }
    const reading = readCluster(raw);
    if (!reading.ok) return await this.#refuse(raw, reading.problems, reading.status, signal);
    return await this.#settle(raw, reading.cluster, signal);
  };

  async #settle(raw: RawCluster, cluster: ResolvedCluster, signal: AbortSignal): Promise<ReconcileResult> {
    const previous = this.#status.previous(raw, cluster.status);
    const settlement = await settleCluster(this.#options, cluster, previous.phase === 'Updating', signal);
    this.#count(cluster, settlement);
    const status = composeStatus({
      ...settlement,
      generation: cluster.metadata.generation,
      previous,
      now: this.#options.wall(),
    });
    const failures = [...settlement.failures];
    try {
      await this.#tell(raw, previous, status, signal);
    } catch (error) {
      failures.push(error);
    }
    announceSettlement(this.#options.announcer, raw, settlement);
    if (failures.length > 0)
      throw new AggregateError(failures, `${String(failures.length)} parts of the cluster failed`);
    return requeueAfter(nextLookMs(settlement));
  }

  /** Nothing is touched: what runs goes on as it is. */
  async #refuse(
    raw: RawCluster,
    problems: readonly Problem[],
    cached: MysqlClusterStatus,
    signal: AbortSignal,
  ): Promise<ReconcileResult> {
    const pods = podFactsOf(raw.metadata.name, this.#options.caches.pods.store.by('cluster', keyOf(raw)));
    const readiness: Readiness = {
      readyNodes: pods.filter((pod) => pod.ready).length,
      phase: pods.length === 0 ? 'Failed' : 'Degraded',
      reason: 'InvalidSpec',
      message: 'The spec is not valid, see the condition ConfigurationValid. What runs goes on as it was.',
    };
    const previous = this.#status.previous(raw, cached);
    const { generation = 0 } = raw.metadata;
    const now = this.#options.wall();
    await this.#tell(
      raw,
      previous,
      composeStatus({ generation, readiness, problems, remarks: [], previous, now }),
      signal,
    );
    return requeueAfter(lookAgainMs.anyway);
  }

  /** State first, event after. */
  async #tell(raw: RawCluster, previous: MysqlClusterStatus, status: OwnStatus, signal: AbortSignal): Promise<void> {
    const { metrics } = this.#options;
    const labels = labelsOf(raw);
    metrics.ready.set(labels, isTrue(status, 'Ready'));
    metrics.configurationValid.set(labels, isTrue(status, 'ConfigurationValid'));
    metrics.readyInstances.set(labels, status.readyNodes);
    if (!(await this.#status.write(raw, previous, status, signal))) return;
    announceStatus(this.#options.announcer, raw, previous, status);
  }

  #count(cluster: ResolvedCluster, { parts, roll, removals, outdatedPods }: Settlement): void {
    const { metrics } = this.#options;
    const labels = labelsOf(cluster);
    metrics.wantedInstances.set(labels, cluster.spec.replicas);
    metrics.outdatedInstances.set(labels, outdatedPods);
    metrics.podsRolled.inc(labels, roll.rolled === undefined ? 0 : 1);
    metrics.volumesRemoved.inc(labels, removals.filter(({ error }) => error === undefined).length);
    for (const part of parts) {
      if ('error' in part) metrics.objectsRefused.inc({ kind: part.kind });
      else if (part.outcome !== 'unchanged') metrics.objectsWritten.inc({ kind: part.kind });
    }
  }

  #forget(key: string, cluster: RawCluster): void {
    const { namespace, name } = cluster.metadata;
    this.#known.delete(key);
    this.#status.forget(key);
    this.#options.applier.forget(namespace ?? '', namesOf(name));
    this.#options.forgetMetrics(labelsOf(cluster));
    this.#options.announcer.publish(cluster, 'cluster-deleted', {}, 0);
  }
}

function labelsOf({ metadata }: { metadata: { namespace?: string; name: string } }) {
  return { namespace: metadata.namespace ?? '', cluster: metadata.name };
}

function isTrue(status: OwnStatus, type: 'Ready' | 'ConfigurationValid'): number {
  return findCondition(status.conditions, type)?.status === 'True' ? 1 : 0;
}

function nextLookMs({ problems, roll, scaleHold, readiness }: Settlement): number {
  return Math.min(
    readiness.reason === 'StatefulSetNotReady' ? lookAgainMs.notReady : lookAgainMs.anyway,
    roll.underWay ? lookAgainMs.stepOfRoll : lookAgainMs.anyway,
    scaleHold === undefined ? lookAgainMs.anyway : lookAgainMs.heldScaling,
    ...problems.map(({ reason }) => {
      if (reason === 'SecretNotFound' || reason === 'SecretKeyMissing') return lookAgainMs.missingSecret;
      return lookAgainMs.refused;
    }),
  );
}
