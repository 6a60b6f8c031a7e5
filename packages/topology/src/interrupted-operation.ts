import { chooseCandidate } from './candidate.ts';
import type { Decision } from './decision.ts';
import { noCandidate, quorumMissing } from './failover.ts';
import { fenceNotProven, proveFence } from './fence-proof.ts';
import { bootstrapSteps, failoverSteps, fencedFailoverSteps, type Plan, stepsFrom, switchoverSteps } from './plan.ts';
import { membersToSee, witnessesOf } from './quorum.ts';
import { instanceNamed, type RecordedOperation, type Snapshot, viewOf } from './snapshot.ts';
import { inDoubt } from './suspicion.ts';

/** An operation whose engine is gone. Before its epoch was recorded nothing changed; after that it is carried to its end. */
export function resume(snapshot: Snapshot, operation: RecordedOperation): Decision {
  const state = 'OperationInterrupted';
  if (operation.phase !== 'switching') return { state, abandon: operation };
  const { kind, from, to, previousAckSet } = operation;
  const reason = `${kind} ${operation.id} was interrupted`;
  // Whoever was promoted may be open: nothing is taken back or done again before everybody was looked at.
  const untried = snapshot.instances.find(({ contact }) => contact.kind === 'untried');
  if (untried) {
    return inDoubt(state, {
      kind: 'suspected',
      reason: `${reason}; ${untried.name} has not been tried yet`,
      vetoedBy: [],
    });
  }
  const plan = (steps: Plan['steps'], target: string): Decision => ({
    state,
    plan: { kind, from, to: target, reason, previousAckSet, steps },
  });
  if (kind === 'bootstrap') {
    return viewOf(instanceNamed(snapshot, to))
      ? plan(stepsFrom(bootstrapSteps, 'prepare-first'), to)
      : inDoubt(state, { kind: 'suspected', reason: `${reason}; ${to} does not answer`, vetoedBy: [] });
  }
  const open = snapshot.instances.find((instance) => instance.name !== from && viewOf(instance)?.readOnly === false);
  if (open) return plan(stepsFrom(failoverSteps, 'record-ack-set'), open.name);
  const bothAnswer = viewOf(instanceNamed(snapshot, from)) && viewOf(instanceNamed(snapshot, to));
  if (kind === 'switchover' && bothAnswer && !snapshot.recorded.writable)
    return plan(stepsFrom(switchoverSteps, 'close-old'), to);
  return retryFailover(snapshot, operation, reason);
}

/**
 * Between two epochs both ack sets bind: commits of the old one were acknowledged by the previous set, and the new primary
 * may have been open for a moment. The primary of an epoch stands for all of its epoch's commits.
 */
function retryFailover(snapshot: Snapshot, operation: RecordedOperation, reason: string): Decision {
  const state = 'OperationInterrupted';
  const { from, previousAckSet } = operation;
  if (snapshot.policy.mode === 'async' && previousAckSet.k === 0) return retryFenced(snapshot, operation, reason);
  const answering = snapshot.instances.filter((instance) => viewOf(instance));
  const bound = [
    { ackSet: previousAckSet, primary: from },
    { ackSet: snapshot.recorded.ackSet, primary: snapshot.recorded.primary },
  ];
  for (const { ackSet, primary } of bound) {
    const seen = witnessesOf(ackSet, answering).length;
    const need = membersToSee(ackSet);
    if (seen < need && !answering.some((instance) => instance.name === primary)) {
      return { state, hold: quorumMissing(reason, ackSet, seen, need) };
    }
  }
  const { policy } = snapshot;
  const withoutOld = chooseCandidate(
    answering.filter((instance) => instance.name !== from),
    { policy, from: instanceNamed(snapshot, from), canFetch: true },
  );
  const isSeen = witnessesOf(previousAckSet, answering).length >= membersToSee(previousAckSet);
  const choice = withoutOld.kind === 'chosen' && isSeen ? withoutOld : chooseCandidate(answering, { policy });
  if (choice.kind === 'none') return { state, hold: noCandidate(reason, choice) };
  const plan = { kind: operation.kind, from, to: choice.name, reason, previousAckSet };
  if (choice.name === from) return { state, plan: { ...plan, steps: stepsFrom(failoverSteps, 'record-ack-set') } };
  // Closed, it stands for its epoch for as long as it answers: then it is not killed.
  const standsIn = !isSeen && viewOf(instanceNamed(snapshot, from))?.readOnly === true;
  if (!standsIn) return { state, plan: { ...plan, steps: stepsFrom(failoverSteps, 'fence-old') } };
  return { state, plan: { ...plan, safeBy: 'old-primary', steps: stepsFrom(failoverSteps, 'stop-receivers') } };
}

/** Commits waited for nobody: the primary of the old epoch has everything if it answers, and must be closed if it does not. */
function retryFenced(snapshot: Snapshot, operation: RecordedOperation, reason: string): Decision {
  const state = 'OperationInterrupted';
  const { kind, from, previousAckSet } = operation;
  const old = instanceNamed(snapshot, from);
  const proof = viewOf(old) ? undefined : proveFence(snapshot, old);
  if (proof?.kind === 'missing') return { state, hold: fenceNotProven(reason, proof) };
  const answering = snapshot.instances.filter((instance) => viewOf(instance));
  const choice = chooseCandidate(answering, { policy: snapshot.policy });
  if (choice.kind === 'none') return { state, hold: noCandidate(reason, choice) };
  const isBack = choice.name === from;
  const steps = stepsFrom(isBack ? failoverSteps : fencedFailoverSteps, isBack ? 'record-ack-set' : 'prove-fence');
  return { state, plan: { kind, from, to: choice.name, reason, previousAckSet, safeBy: 'fence', steps } };
}
