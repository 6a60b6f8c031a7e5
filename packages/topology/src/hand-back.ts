import { membersToSee, witnessesOf } from './quorum.ts';
import { heldBy, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';

/**
 * Whether the old primary may lead again when an operation fails that was taken up from another engine. That one may have opened the
 * new primary for a moment: what was acknowledged then is on it, and on any R − k + 1 members of its ack set. So it or they have to
 * answer, and nobody who answers may hold what the old primary lacks.
 */
export function mayHandBack(snapshot: Snapshot, from: string): boolean {
  const { ackSet, primary } = snapshot.recorded;
  const old = viewOf(instanceNamed(snapshot, from));
  if (!old) return false;
  const answering = snapshot.instances.filter((instance) => viewOf(instance));
  const isKnown =
    answering.some(({ name }) => name === primary) || witnessesOf(ackSet, answering).length >= membersToSee(ackSet);
  const hasAll = answering.every((instance) => {
    const view = viewOf(instance);
    return view !== undefined && old.executed.contains(heldBy(view));
  });
  return isKnown && hasAll;
}
