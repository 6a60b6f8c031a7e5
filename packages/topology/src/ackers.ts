import { fullAcks } from './quorum.ts';
import { type InstanceEvidence, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** Whose acknowledgements count for commits of a primary, and how many of them a commit should wait for. */
export interface Ackers {
  readonly mayAcknowledge: (instance: InstanceEvidence) => boolean;
  readonly wantedK: number;
  /** Why acknowledgements from another zone can't be had, so that those of the own zone count. */
  readonly zonesGivenUp?: string;
}

/**
 * With `ackZones: other` only instances outside the primary's zone acknowledge, and k is at most how many of those there can
 * be: the loss of a zone then never takes all copies of an acknowledged commit. How many must be seen at a failover stays
 * R - k + 1, because R counts only those who acknowledge. An instance whose zone is not known is in no other zone.
 *
 * The rule is given up, and said to be, rather than the acknowledgements: when all instances are in the primary's zone, and
 * with `preferred` durability while none of another zone is there.
 */
export function ackersFor(snapshot: Snapshot, primary: string): Ackers {
  const { mode, ackZones } = snapshot.policy;
  if (mode === 'async') return { mayAcknowledge: () => false, wantedK: 0 };
  const wantedK = fullAcks(snapshot.wantedReplicas);
  const everybody = (instance: InstanceEvidence): boolean =>
    instance.name !== primary && hearsFirstHand(instance, primary, snapshot);
  const zone = instanceNamed(snapshot, primary)?.zone;
  if (ackZones === 'any' || wantedK === 0) return { mayAcknowledge: everybody, wantedK };
  const givenUp = (zonesGivenUp: string): Ackers => ({ mayAcknowledge: everybody, wantedK, zonesGivenUp });
  if (zone === undefined) return givenUp(`the zone of ${primary} is not known`);
  const elsewhere = (instance: InstanceEvidence): boolean =>
    everybody(instance) && instance.zone !== undefined && instance.zone !== zone;
  const others = snapshot.instances.filter((one) => one.ordinal < snapshot.wantedReplicas && everybody(one));
  const inTheZone = others.filter((one) => one.zone === zone).length;
  const possible = Math.max(snapshot.wantedReplicas - 1 - inTheZone, 0);
  if (possible === 0) return givenUp(`all instances are in zone ${zone}`);
  if (snapshot.durability === 'preferred' && !others.some((one) => elsewhere(one) && isThere(one))) {
    return givenUp(`no instance outside zone ${zone} is there`);
  }
  return { mayAcknowledge: elsewhere, wantedK: Math.min(wantedK, possible) };
}

/** One that follows another instance by order gets the commits second hand: it can't acknowledge them. */
function hearsFirstHand({ name }: InstanceEvidence, primary: string, { policy }: Snapshot): boolean {
  const wanted = policy.instances.find((instance) => instance.name === name)?.follows;
  return wanted === undefined || wanted === primary;
}

function isThere(instance: InstanceEvidence): boolean {
  return viewOf(instance)?.executed.isEmpty() === false && instance.detachedMs < timing.memberGoneMs;
}
