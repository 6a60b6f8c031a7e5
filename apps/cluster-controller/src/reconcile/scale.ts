import type { ResolvedCluster } from '@pilotfish/api';
import type { KubeClient, StatefulSet } from '@pilotfish/kube';
import { planScale, type ScalePlan } from '../plan/plan-scale.ts';
import { readLiveState } from './live-state.ts';

/**
 * How many pods the StatefulSet is to have now. Before any is taken away everything is read anew: the primary may have
 * moved since the cache saw it.
 */
export async function scale(
  client: KubeClient,
  cluster: ResolvedCluster,
  statefulSet: StatefulSet | undefined,
  signal: AbortSignal,
): Promise<ScalePlan> {
  const plan = planFor(cluster, statefulSet);
  const current = statefulSet?.spec.replicas ?? 0;
  if (plan.replicas >= current) return plan;
  const live = await readLiveState(client, cluster, signal);
  if (live === undefined) return { replicas: current, hold: 'the cluster has just changed' };
  return planFor(live.cluster, live.statefulSet);
}

function planFor({ metadata, spec, status }: ResolvedCluster, statefulSet: StatefulSet | undefined): ScalePlan {
  return planScale({
    cluster: metadata.name,
    wanted: spec.replicas,
    current: statefulSet?.spec.replicas,
    topology: status.topology,
  });
}
