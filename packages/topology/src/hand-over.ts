import { chooseCandidate, isElectable } from './candidate.ts';
import type { Decision } from './decision.ts';
import { lagOf } from './lag.ts';
import { switchoverSteps } from './plan.ts';
import { type InstanceEvidence, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** A planned change of a primary that answers: to a replica that follows it closely and stays. */
export function handOver(
  snapshot: Snapshot,
  primary: InstanceEvidence,
  state: 'PrimaryLeaving' | 'PrimaryStorageFailed',
  reason: string,
): Decision {
  const stay = snapshot.instances.filter(
    (instance) => instance !== primary && followsWell(instance, primary, snapshot),
  );
  const choice = chooseCandidate(
    stay.filter((instance) => !instance.leaving),
    // What it lacks of what others hold it gets from the primary itself, before it opens.
    { policy: snapshot.policy, from: primary, canFetch: true },
  );
  if (choice.kind === 'none') {
    return {
      state,
      hold: {
        reason: 'NoCaughtUpReplica',
        message: `${reason}, but no replica can take over: ${choice.reason}`,
        lifts: `a replica that stays follows ${primary.name} less than ${timing.switchoverMaxLagMs / 1_000} s behind`,
      },
    };
  }
  return {
    state,
    plan: {
      kind: 'switchover',
      from: primary.name,
      to: choice.name,
      reason,
      previousAckSet: snapshot.recorded.ackSet,
      steps: switchoverSteps,
    },
  };
}

function followsWell(instance: InstanceEvidence, primary: InstanceEvidence, snapshot: Snapshot): boolean {
  const view = viewOf(instance);
  if (!view?.replication || !isElectable(instance)) return false;
  const { receiver, applier, sourceHost } = view.replication;
  const isAttached = receiver === 'ON' && applier === 'ON' && sourceHost === primary.host;
  return isAttached && lagOf(view, snapshot) < timing.switchoverMaxLagMs;
}
