import type { ResolvedCluster } from '@pilotfish/api';
import { type KubeClient, type Pod, pods, type StatefulSet } from '@pilotfish/kube';
import { planRoll, type RollPlan } from '../plan/plan-roll.ts';
import type { EnginePresence } from './engine-presence.ts';
import { readLiveState } from './live-state.ts';
import { rollInput } from './roll-input.ts';

export interface RollStep {
  /** The pod that was deleted, if one was. */
  readonly rolled?: { readonly instance: string; readonly uid: string; readonly reason: string };
  /** What the roll waits for; undefined when there is nothing to roll or a step was just taken. */
  readonly waitsFor?: string;
  /** Some pods have yet to be replaced; undefined while that cannot be told. */
  readonly underWay: boolean | undefined;
}

interface Input {
  readonly cluster: ResolvedCluster;
  readonly statefulSet: StatefulSet;
  readonly pods: readonly Pod[];
  /** A roll was under way when this was asked last. */
  readonly underWay: boolean;
}

const reasons = {
  broken: 'its pod is of an older revision and not Ready',
  replica: 'its pod is of an older revision',
  primary: 'its pod is of an older revision, and all replicas are current: the primary moves to one of them',
} as const;

/** Takes the next step of a roll, if the time for one has come. */
export async function rollPods(
  { client, presence, wall }: { client: KubeClient; presence: EnginePresence; wall: () => Date },
  input: Input,
  signal: AbortSignal,
): Promise<RollStep> {
  const first = planFor(input, wall());
  if (first.kind === 'none') return { underWay: false };
  if (first.kind === 'unknown') return { underWay: undefined };
  if (first.kind === 'wait') return { underWay: true, waitsFor: first.message };
  const absence = await presence.absence(signal);
  if (absence !== undefined) return { underWay: true, waitsFor: absence };
  const live = await readLiveState(client, input.cluster, signal);
  if (live?.statefulSet === undefined) return { underWay: true, waitsFor: 'The cluster has just changed.' };
  const { cluster, statefulSet } = live;
  const second = planFor({ cluster, statefulSet, pods: live.pods, underWay: true }, wall());
  if (second.kind !== 'delete' || second.pod.uid !== first.pod.uid) {
    return { underWay: true, waitsFor: 'The pods have just changed.' };
  }
  const { name, uid } = second.pod;
  await client.delete(pods, { namespace: cluster.metadata.namespace, name }, { preconditions: { uid }, signal });
  return { underWay: true, rolled: { instance: name, uid, reason: reasons[second.why] } };
}

function planFor({ cluster, statefulSet, pods: objects, underWay }: Input, now: Date): RollPlan {
  return planRoll(rollInput(cluster, statefulSet, objects, underWay, now.getTime()));
}
