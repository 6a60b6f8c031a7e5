import { chooseCandidate } from './candidate.ts';
import { errantOf } from './errant.ts';
import type { Policy } from './policy.ts';
import { type InstanceEvidence, viewOf } from './snapshot.ts';

/** The first primary of a topology that was there before, or what stands in the way of choosing one. */
export type AdoptionChoice =
  | { readonly kind: 'chosen'; readonly name: string; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string; readonly lifts: string };

/** Whoever takes the writes goes on with it. Of instances that are all closed, one that holds everything is taken. */
export function chooseAdopted(withData: readonly InstanceEvidence[], policy: Policy): AdoptionChoice {
  const open = withData.filter((instance) => viewOf(instance)?.readOnly === false);
  const [leader, another] = open;
  if (another) {
    return {
      kind: 'none',
      reason: `${namesOf(open)} are open for writes`,
      lifts: 'all but the one that leads are closed',
    };
  }
  if (leader) return adoptOpen(leader, withData);
  const choice = chooseCandidate(withData, { policy });
  if (choice.kind === 'none') return { ...choice, lifts: 'an instance holds what all others hold' };
  return { kind: 'chosen', name: choice.name, reason: 'it holds the data of the cluster' };
}

function adoptOpen(leader: InstanceEvidence, withData: readonly InstanceEvidence[]): AdoptionChoice {
  const view = viewOf(leader);
  // The others may have been looked at a moment later: what the leader wrote itself is no reason against it.
  const ahead = withData.filter((other) => {
    const otherView = viewOf(other);
    return other !== leader && view && otherView && !errantOf(otherView, view).isEmpty();
  });
  if (ahead.length > 0) {
    return {
      kind: 'none',
      lifts: 'the errant transactions are gone, or the instances that hold them are not listed',
      reason: `${namesOf(ahead)} hold transactions that ${leader.name} lacks, which takes the writes`,
    };
  }
  return { kind: 'chosen', name: leader.name, reason: 'it takes the writes of the cluster' };
}

const namesOf = (instances: readonly InstanceEvidence[]): string => instances.map(({ name }) => name).join(', ');
