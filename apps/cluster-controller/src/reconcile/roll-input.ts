import type { ResolvedCluster } from '@pilotfish/api';
import type { Pod, StatefulSet } from '@pilotfish/kube';
import type { RollInput } from '../plan/plan-roll.ts';
import { podFactsOf } from '../plan/pod-facts-of.ts';

/** What planRoll looks at, from the objects. */
export function rollInput(
  cluster: ResolvedCluster,
  statefulSet: StatefulSet,
  pods: readonly Pod[],
  underWay: boolean,
  nowMs: number,
): RollInput {
  const { metadata, spec, status } = statefulSet;
  const observed = status?.observedGeneration === metadata.generation;
  return {
    replicas: spec.replicas ?? 1,
    updateRevision: observed ? status?.updateRevision : undefined,
    pods: podFactsOf(cluster.metadata.name, pods),
    topology: cluster.status.topology,
    underWay,
    readOnly: cluster.spec.readOnly,
    nowMs,
  };
}
