import type { GtidSet } from '@pilotfish/gtid';
import { heldBy, type InstanceEvidence, viewOf } from './snapshot.ts';

/** The best instance to promote, or the predicate that no instance satisfies. */
export type CandidateChoice =
  | { readonly kind: 'chosen'; readonly name: string; readonly mustApply: GtidSet }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Chooses among instances whose receivers are stopped. The candidate holds everything that any of the others holds;
 * among equals one that stays is better than one that leaves, then one with less left to apply, then the lower ordinal.
 */
export function chooseCandidate(seen: readonly InstanceEvidence[]): CandidateChoice {
  const electable = seen.filter((instance) => isElectable(instance));
  if (electable.length === 0) return { kind: 'none', reason: 'no instance that answers can become primary' };
  const complete = electable.filter((instance) => holdsAll(instance, electable));
  if (complete.length === 0) {
    return {
      kind: 'none',
      reason: `the instances have diverged: none of ${electable.map((i) => i.name).join(', ')} holds what all others hold`,
    };
  }
  const [best] = [...complete].sort(byPreference);
  const view = viewOf(best);
  if (!best || !view) return { kind: 'none', reason: 'no instance that answers can become primary' };
  return { kind: 'chosen', name: best.name, mustApply: heldBy(view) };
}

/** Whether an instance could lead: it has data, its applier is not broken, and its server is not about to end. */
export function isElectable(instance: InstanceEvidence): boolean {
  const view = viewOf(instance);
  if (!view || view.executed.isEmpty() || instance.ending) return false;
  if (instance.agent?.provisioning === 'cloning' || instance.agent?.diskFull) return false;
  return (view.replication?.applierErrno ?? 0) === 0;
}

function holdsAll(instance: InstanceEvidence, others: readonly InstanceEvidence[]): boolean {
  const view = viewOf(instance);
  if (!view) return false;
  const held = heldBy(view);
  return others.every((other) => {
    const otherView = viewOf(other);
    return !otherView || held.contains(heldBy(otherView));
  });
}

function byPreference(a: InstanceEvidence, b: InstanceEvidence): number {
  return Number(a.leaving) - Number(b.leaving) || leftToApply(a) - leftToApply(b) || a.ordinal - b.ordinal;
}

function leftToApply(instance: InstanceEvidence): number {
  const view = viewOf(instance);
  if (!view) return Number.POSITIVE_INFINITY;
  return Number(heldBy(view).subtract(view.executed).count());
}
