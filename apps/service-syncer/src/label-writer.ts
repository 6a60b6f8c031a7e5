import { fieldManagers, labelKeys } from '@pilotfish/api';
import { type KubeClient, KubeError, keyOf, pods as podResource } from '@pilotfish/kube';
import type { Clock } from '@pilotfish/service';
import type { DesiredLabels } from './desired-labels.ts';
import type { SyncerMetrics } from './metrics.ts';
import type { PodView } from './pod-view.ts';
import { RecentWrites } from './recent-writes.ts';

type LiveLabels = Pick<PodView, 'role' | 'healthy'>;

/** Labels of a pod that were changed. */
export interface LabelChange {
  readonly pod: PodView;
  readonly from: LiveLabels;
  readonly to: DesiredLabels;
}

export interface WrittenLabels {
  readonly changes: readonly LabelChange[];
  readonly failures: readonly unknown[];
}

const deadlineMs = 5_000;

/** Brings the labels of pods to what they should be, with as few patches as there are pods that differ. */
export class LabelWriter {
  readonly #client: Pick<KubeClient, 'patchMerge'>;
  readonly #metrics: Pick<SyncerMetrics, 'labelPatched'>;
  readonly #recent: RecentWrites<LiveLabels>;

  constructor(options: {
    client: Pick<KubeClient, 'patchMerge'>;
    metrics: Pick<SyncerMetrics, 'labelPatched'>;
    clock: Pick<Clock, 'nowMs'>;
  }) {
    this.#client = options.client;
    this.#metrics = options.metrics;
    this.#recent = new RecentWrites(options.clock);
  }

  /**
   * The new master gets its label first, and the others are changed once it has it, all at once: a Service that leads nowhere for a
   * moment costs clients far more than that moment. Its node answers with ICMP errors, of which Linux sends a peer six and then one
   * a second; who gets none waits for his own time-out. An old primary that is dead refuses them at once.
   * A pod that was deleted meanwhile is no failure. Never rejects.
   */
  async write(
    pods: readonly PodView[],
    desired: readonly DesiredLabels[],
    signal?: AbortSignal,
  ): Promise<WrittenLabels> {
    const wanted = this.changes(pods, desired);
    const isMaster = ({ to }: LabelChange): boolean => to.role === 'master';
    const first = await this.#send(wanted.filter(isMaster), signal);
    if (first.failures.length > 0) return first;
    const others = wanted.filter((change) => !isMaster(change));
    const rest = await this.#send(others, signal);
    return { changes: [...first.changes, ...rest.changes], failures: rest.failures };
  }

  async #send(changes: readonly LabelChange[], signal: AbortSignal | undefined): Promise<WrittenLabels> {
    const outcomes = await Promise.allSettled(changes.map((change) => this.#patch(change, signal)));
    return {
      changes: changes.filter((_change, index) => isDone(outcomes[index])),
      failures: outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : [])),
    };
  }

  /** What has to be changed for these labels. */
  changes(pods: readonly PodView[], desired: readonly DesiredLabels[]): LabelChange[] {
    const byName = new Map(desired.map((labels) => [labels.pod, labels]));
    return pods.flatMap((pod) => {
      const to = byName.get(pod.metadata.name);
      const from = this.current(pod);
      const differs = to !== undefined && (to.role !== from.role || to.healthy !== from.healthy);
      return differs ? [{ pod, from, to }] : [];
    });
  }

  /** The labels as they are by the latest that is known: what was just written, or else the cache. */
  current(pod: PodView): LiveLabels {
    return this.#recent.get(incarnationKey(pod)) ?? { role: pod.role, healthy: pod.healthy };
  }

  /** Resolves with false when the pod is gone. */
  async #patch({ pod, from, to }: LabelChange, signal: AbortSignal | undefined): Promise<boolean> {
    const key = incarnationKey(pod);
    this.#recent.set(key, { role: to.role, healthy: to.healthy });
    const labels = {
      ...(from.role === to.role ? {} : { [labelKeys.role]: to.role }),
      ...(from.healthy === to.healthy ? {} : { [labelKeys.healthy]: to.healthy }),
    };
    try {
      // The uid keeps the patch from another pod that has taken the name meanwhile.
      const patch = { metadata: { uid: pod.metadata.uid, labels } };
      const options = { fieldManager: fieldManagers.serviceSyncer, deadlineMs, signal };
      await this.#client.patchMerge(podResource, pod.metadata, patch, options);
      this.#metrics.labelPatched('done');
      return true;
    } catch (error) {
      this.#recent.delete(key);
      const isGone = error instanceof KubeError && (error.isNotFound || error.isConflict || error.isInvalid);
      this.#metrics.labelPatched(isGone ? 'gone' : 'failed');
      if (isGone) return false;
      throw error;
    }
  }
}

function isDone(outcome: PromiseSettledResult<boolean> | undefined): boolean {
  return outcome?.status === 'fulfilled' && outcome.value;
}

function incarnationKey(pod: PodView): string {
  return `${keyOf(pod)} ${pod.metadata.uid}`;
}
