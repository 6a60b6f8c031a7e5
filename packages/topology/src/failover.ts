import { type CandidateChoice, chooseCandidate } from './candidate.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Decision } from './decision.ts';
import { failoverHold } from './failover-hold.ts';
import { fenceNotProven, proveFence } from './fence-proof.ts';
import type { Hold } from './hold.ts';
import { failoverSteps, fencedFailoverSteps, type Plan, type Step } from './plan.ts';
import { membersToSee, witnessesOf } from './quorum.ts';
import { type AckSet, type InstanceEvidence, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';

/** Checked before the first step: nothing acknowledged can be lost, nobody else is open, somebody can lead, and nobody wants to wait. */
export function failover(snapshot: Snapshot, state: ClusterState, reason: string): Decision {
  const { primary: from, ackSet } = snapshot.recorded;
  const others = snapshot.instances.filter((instance) => instance.name !== from && viewOf(instance));
  const safety = safetyOf(snapshot, others, reason);
  if (safety.kind === 'none') return { state, hold: safety.hold };
  const { policy } = snapshot;
  const choice = chooseCandidate(others, { policy, from: instanceNamed(snapshot, from), canFetch: true });
  if (choice.kind === 'none') return { state, hold: noCandidate(reason, choice) };
  const hold = failoverHold(snapshot, { state, reason, candidate: choice.name });
  if (hold) return { state, hold };
  const { safeBy, steps } = safety;
  return { state, plan: { kind: 'failover', from, to: choice.name, reason, previousAckSet: ackSet, safeBy, steps } };
}

type Safety =
  | { readonly kind: 'some'; readonly safeBy: NonNullable<Plan['safeBy']>; readonly steps: readonly Step[] }
  | { readonly kind: 'none'; readonly hold: Hold };

/** By the acknowledgements where commits waited for them; with `mode: async`, where they waited for none, by the fence. */
function safetyOf(snapshot: Snapshot, others: readonly InstanceEvidence[], reason: string): Safety {
  const { primary, ackSet } = snapshot.recorded;
  if (snapshot.policy.mode === 'async' && ackSet.k === 0) {
    const proof = proveFence(snapshot, instanceNamed(snapshot, primary));
    if (proof.kind === 'missing') return { kind: 'none', hold: fenceNotProven(reason, proof) };
    return { kind: 'some', safeBy: 'fence', steps: proof.kind === 'proven' ? failoverSteps : fencedFailoverSteps };
  }
  const seen = witnessesOf(ackSet, others).length;
  const need = membersToSee(ackSet);
  if (seen < need) return { kind: 'none', hold: quorumMissing(reason, ackSet, seen, need) };
  return { kind: 'some', safeBy: 'acks', steps: failoverSteps };
}

export function quorumMissing(reason: string, ackSet: AckSet, seen: number, need: number): Hold {
  if (!Number.isFinite(need)) {
    return {
      reason: 'OnlyThePrimaryHasEverything',
      message: `${reason}; its commits were not acknowledged by any replica, so only its return brings all of them back`,
      lifts: 'the server of the primary answers again, on its own volume',
    };
  }
  return {
    reason: 'TooFewWitnesses',
    message: `${reason}; ${seen} of the ack set {${ackSet.members.join(', ')}} answer and have kept what they received, and ${need} must, or an acknowledged commit could be lost`,
    lifts: `${need - seen} more of {${ackSet.members.join(', ')}} answer, or the primary does`,
  };
}

export function noCandidate(reason: string, choice: Extract<CandidateChoice, { kind: 'none' }>): Hold {
  if (choice.forbidden) {
    return {
      reason: 'PromotionForbidden',
      message: `${reason}; ${choice.reason}`,
      lifts: 'one of these rules is taken back, an instance answers that may lead, or the primary answers',
    };
  }
  return {
    reason: 'NoCandidate',
    message: `${reason}; ${choice.reason}`,
    lifts: 'an instance answers that is fit to lead and holds what all others hold, or the primary answers',
  };
}
