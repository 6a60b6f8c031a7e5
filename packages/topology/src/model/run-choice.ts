import { viewOf as answerOf, heldBy, type InstanceEvidence } from '../snapshot.ts';
import { indexOf, seenView, snapshotOf } from './evidence.ts';
import { runOf } from './run-state.ts';
import type { Subject } from './subject.ts';
import { type Engine, type Run, serverAt, type World } from './world.ts';

/** Mirrors steps/election.ts, chooseCandidateNow. @returns undefined when nobody can be chosen */
export function choose(world: World, engine: Engine, subject: Subject): Partial<Run> | undefined {
  const run = runOf(engine);
  const { previousAckSet } = run.plan;
  const { policy, instances } = snapshotOf(world, engine.stored);
  const evidence = instances.flatMap((instance): InstanceEvidence[] => {
    const seen = run.seen[instance.ordinal];
    if (!seen) return [];
    return [{ ...instance, contact: { kind: 'observed', view: seenView(world, instance.ordinal, seen), ageMs: 0 } }];
  });
  const isOldPrimary = run.plan.safeBy === 'old-primary';
  const binding = isOldPrimary ? engine.stored.ackSet : previousAckSet;
  const isSeen =
    (isOldPrimary && run.seen[indexOf(engine.stored.primary)] !== undefined) ||
    subject.witnessesOf(binding, evidence).length >= subject.membersToSee(binding);
  const choosing = { policy, from: instances[indexOf(run.plan.from)], canFetch: true };
  const choice = subject.chooseCandidate(evidence, choosing);
  if (!isSeen || choice.kind === 'none') return undefined;
  const held = run.seen.reduce((set, seen) => set | (seen ? seen.executed | seen.relay : 0), 0);
  const from = indexOf(run.plan.from);
  const old = answerOf(instances[from]);
  if (isOldPrimary && (!old?.readOnly || (serverAt(world, from).executed & ~held) !== 0)) return undefined;
  const planned = evidence.filter((instance) => {
    const view = answerOf(instance);
    return instance.ordinal === run.candidate && view !== undefined && heldBy(view).contains(choice.mustApply);
  });
  const isKept = subject.chooseCandidate(planned, choosing).kind === 'chosen';
  return {
    candidate: isKept ? run.candidate : indexOf(choice.name),
    mustApply: held,
    via: choice.via === undefined ? -1 : indexOf(choice.via),
  };
}
