import { viewOf as answerOf, heldBy, type InstanceEvidence } from '../snapshot.ts';
import { indexOf, seenView, snapshotOf } from './evidence.ts';
import { runOf } from './run-state.ts';
import type { Subject } from './subject.ts';
import type { Engine, Run, World } from './world.ts';

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
  const witnesses = subject.witnessesOf(previousAckSet, evidence).length;
  const choosing = { policy, from: instances[indexOf(run.plan.from)], canFetch: true };
  const choice = subject.chooseCandidate(evidence, choosing);
  if (witnesses < subject.membersToSee(previousAckSet) || choice.kind === 'none') return undefined;
  const planned = evidence.filter((instance) => {
    const view = answerOf(instance);
    return instance.ordinal === run.candidate && view !== undefined && heldBy(view).contains(choice.mustApply);
  });
  const isKept = subject.chooseCandidate(planned, choosing).kind === 'chosen';
  return {
    candidate: isKept ? run.candidate : indexOf(choice.name),
    mustApply: run.seen.reduce((set, seen) => set | (seen ? seen.executed | seen.relay : 0), 0),
    via: choice.via === undefined ? -1 : indexOf(choice.via),
  };
}
