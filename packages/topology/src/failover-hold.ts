import { leftToApply } from './candidate.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Hold } from './hold.ts';
import { lagBeforeLoss } from './lag.ts';
import { instancePolicy, type Pause } from './policy.ts';
import { type InstanceEvidence, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';

/** A failover that would be right, and that the cluster's owners don't want now. */
interface PossibleFailover {
  readonly state: ClusterState;
  /** Why the primary counts as lost. */
  readonly reason: string;
  readonly candidate: string;
}

/**
 * Asked when the data allows a failover; the answer is the first wish that speaks against it. While it is held the
 * receivers and appliers go on, and a primary that comes back with its data is opened again.
 */
export function failoverHold(snapshot: Snapshot, possible: PossibleFailover): Hold | undefined {
  return (
    pausedHold(snapshot, possible) ??
    disabledHold(snapshot, possible) ??
    downtimeHold(snapshot, possible) ??
    blockHold(snapshot, possible) ??
    delayHold(snapshot, possible) ??
    behindHold(snapshot, possible)
  );
}

function pausedHold({ policy }: Snapshot, { reason, candidate }: PossibleFailover): Hold | undefined {
  const { paused } = policy.failover;
  if (!paused) return undefined;
  return {
    reason: 'FailoverPaused',
    message: `${reason}; failovers are paused by ${paused.by} (${paused.reason})`,
    lifts: 'the pause ends',
    ...atItsEnd(paused, candidate),
  };
}

function disabledHold({ policy }: Snapshot, { reason }: PossibleFailover): Hold | undefined {
  if (policy.failover.recoverPrimary) return undefined;
  return {
    reason: 'RecoveryDisabled',
    message: `${reason}; failover.recoverPrimary is false for this cluster`,
    lifts: 'the primary answers, or somebody orders a failover',
  };
}

function downtimeHold({ policy, recorded }: Snapshot, { reason, candidate }: PossibleFailover): Hold | undefined {
  const { downtime } = instancePolicy(policy, recorded.primary);
  if (!downtime) return undefined;
  return {
    reason: 'PrimaryInDowntime',
    message: `${reason}; trouble with ${recorded.primary} is announced by ${downtime.by} (${downtime.reason})`,
    lifts: 'the downtime ends, or the primary answers',
    ...atItsEnd(downtime, candidate),
  };
}

/**
 * Against a primary that goes up and down: an instance that failed, came back and leads again is not failed over from a
 * second time within the block, unless somebody has acknowledged the first. So each instance is replaced at most once in
 * that time, however a cluster flaps.
 *
 * The failure of another instance is another failure, and is not held up: no two failovers run at once here, since each is
 * recorded before it acts, and none loses an acknowledged write. What is left for a block to prevent is the restlessness of
 * one server, not danger. A primary whose data is gone does not come back, so waiting for it would be for nothing.
 */
function blockHold({ policy, recorded }: Snapshot, possible: PossibleFailover): Hold | undefined {
  const { recoveryBlockMs, failures } = policy.failover;
  const before = failures.find(({ instance }) => instance === recorded.primary);
  if (!before || before.ageMs >= recoveryBlockMs || possible.state === 'PrimaryEmptied') return undefined;
  return {
    reason: 'RecoveryBlocked',
    message: `${possible.reason}; ${recorded.primary} was failed over from already within the recovery block of ${inSeconds(recoveryBlockMs)}`,
    lifts: 'somebody acknowledges the failover before, or the primary answers',
    next: { afterMs: recoveryBlockMs - before.ageMs, does: `fails over to ${possible.candidate}` },
  };
}

function delayHold(snapshot: Snapshot, { state, reason, candidate }: PossibleFailover): Hold | undefined {
  const { delayMs } = snapshot.policy.failover;
  const primary = primaryOf(snapshot);
  if (!primary || state !== 'PrimaryDead' || primary.detachedMs >= delayMs) return undefined;
  return {
    reason: 'FailoverDelayed',
    message: `${reason}; the failover delay of ${inSeconds(delayMs)} has not passed since it was last seen open`,
    lifts: 'the primary answers',
    next: { afterMs: delayMs - primary.detachedMs, does: `fails over to ${candidate}` },
  };
}

/** Only what an applier works on is waited for: one that is stopped is started by the failover itself. */
function behindHold(snapshot: Snapshot, { reason, candidate }: PossibleFailover): Hold | undefined {
  const instance = instanceNamed(snapshot, candidate);
  const { whenBehind, maxLagMs } = snapshot.policy.failover;
  if (!instance || viewOf(instance)?.replication?.applier !== 'ON') return undefined;
  if (leftToApply(instance) === 0) return undefined;
  const isOverLimit = maxLagMs !== undefined && lagBeforeLoss(instance, primaryOf(snapshot)) > maxLagMs;
  if (whenBehind !== 'hold' && !isOverLimit) return undefined;
  const limit =
    whenBehind === 'hold' ? 'failover.whenBehind is hold' : `is more than ${inSeconds(maxLagMs ?? 0)} behind`;
  return {
    reason: 'CandidateBehind',
    message: `${reason}; ${candidate} has not applied all that it has received, and ${limit}`,
    lifts: `${candidate} applies what it has received, or the primary answers`,
  };
}

const primaryOf = (snapshot: Snapshot): InstanceEvidence | undefined =>
  instanceNamed(snapshot, snapshot.recorded.primary);

const atItsEnd = ({ endsInMs }: Pause, candidate: string): Pick<Hold, 'next'> =>
  endsInMs === undefined ? {} : { next: { afterMs: endsInMs, does: `fails over to ${candidate}` } };

const inSeconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
