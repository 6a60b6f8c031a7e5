import { type AckSet, type InstanceEvidence, viewOf } from './snapshot.ts';

/**
 * How many members of an ack set must be seen, with their receivers stopped, before another instance may be promoted.
 * Each acknowledged commit is on at least k of the R members, so any R - k + 1 of them include one that has it; and once
 * their receivers are stopped, the k - 1 that remain can't acknowledge another. Infinity when no member was asked (k = 0, or
 * fewer members than k): then only the primary itself is known to have everything.
 */
export function membersToSee(ackSet: AckSet): number {
  if (ackSet.k === 0 || ackSet.members.length < ackSet.k) return Number.POSITIVE_INFINITY;
  return ackSet.members.length - ackSet.k + 1;
}

/**
 * The members of an ack set that can tell what was acknowledged. One whose server was restarted can't: relay_log_recovery has
 * dropped what it had received and not applied. `rpl_semi_sync_replica_enabled` goes with the same restart, and is turned on
 * again only when the member is seen to hold what the primary has: while it is on, nothing was dropped.
 */
export function witnessesOf(ackSet: AckSet, instances: readonly InstanceEvidence[]): readonly InstanceEvidence[] {
  return instances.filter((instance) => ackSet.members.includes(instance.name) && viewOf(instance)?.semiSyncReplica);
}

/** The acknowledgements that a cluster of this size waits for when all of it is there: a majority together with the primary. */
export function fullAcks(replicas: number): number {
  return Math.floor(Math.max(replicas, 0) / 2);
}
