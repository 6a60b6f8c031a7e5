import { errantOf } from './errant.ts';
import { instancePolicy } from './policy.ts';
import { type InstanceEvidence, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** Where an instance is to replicate from now. */
export type Source =
  | { readonly kind: 'follow'; readonly source: InstanceEvidence }
  /** Its source is gone, and it is not to follow the primary meanwhile. */
  | { readonly kind: 'wait'; readonly reason: string };

/**
 * The primary, or the instance that an order names (`follows`) for as long as that one passes the primary's transactions on:
 * it answers, is closed, has no transactions of its own, and its own chain of sources ends at the primary. When it has not for 5 s, the instance follows the primary, unless `recoverIntermediatePrimary` is off.
 */
export function sourceOf(instance: InstanceEvidence, snapshot: Snapshot, primary: InstanceEvidence): Source {
  const { follows } = instancePolicy(snapshot.policy, instance.name);
  if (follows === undefined || follows === primary.name) return { kind: 'follow', source: primary };
  const source = instanceNamed(snapshot, follows);
  if (source && passesOn(source, snapshot, primary, [instance.name])) return { kind: 'follow', source };
  if (snapshot.policy.failover.recoverIntermediatePrimary || !source) return { kind: 'follow', source: primary };
  return { kind: 'wait', reason: `it is to follow ${follows}, which does not pass on what the primary writes` };
}

function passesOn(
  source: InstanceEvidence,
  snapshot: Snapshot,
  primary: InstanceEvidence,
  below: readonly string[],
): boolean {
  if (source === primary) return true;
  if (below.includes(source.name)) return false;
  const view = viewOf(source);
  const isMomentary = source.detachedMs < timing.memberGoneMs;
  if (!view) return isMomentary;
  const primaryView = viewOf(primary);
  if (!view.replication || !primaryView || !view.readOnly || !errantOf(view, primaryView).isEmpty()) return false;
  const { receiver, applier, sourceHost } = view.replication;
  if (applier !== 'ON' || (receiver !== 'ON' && !isMomentary)) return false;
  const above = snapshot.instances.find(({ host }) => host === sourceHost);
  return above !== undefined && passesOn(above, snapshot, primary, [...below, source.name]);
}
