import type { Decision } from './decision.ts';
import { evidenceOfReplicas } from './evidence.ts';
import { failover } from './failover.ts';
import { type InstanceEvidence, type InstanceView, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/**
 * Commits of a primary that answers wait for acknowledgements that don't come: its replicas are gone, the network between
 * them is cut in one or both directions, or a statement about accounts that waits itself keeps everybody, the replicas
 * included, from logging in. Nothing was acknowledged meanwhile, so another instance can lead without losing anything, and the
 * old primary is killed: that ends the wait whatever caused it. Where nobody can take over, `preferred` durability lowers k
 * (`nextAckStep`), and `required` goes on waiting and says for whom.
 */
export function stalledAcks(snapshot: Snapshot, primary: InstanceEvidence, view: InstanceView): Decision | undefined {
  const { stalledMs } = snapshot.acks;
  if (stalledMs < timing.stallNotedMs || view.semiSyncWaitSessions === 0) return undefined;
  const state = 'AcksStalled';
  const receiving = evidenceOfReplicas(snapshot, primary).filter(({ says }) => says !== 'gone');
  const reason = `${view.semiSyncWaitSessions} commit(s) of ${primary.name} wait for acknowledgements`;
  if (stalledMs < timing.stallToleratedMs) {
    if (isReattaching(snapshot, primary, view)) return undefined;
    return { state, hold: waiting(snapshot, reason, timing.stallToleratedMs - stalledMs) };
  }
  // Replicas that receive may be busy with a large transaction, or unable to write it down: another primary would not help.
  if (receiving.length > 0) {
    const names = receiving.map(({ observer }) => observer).join(', ');
    return { state, hold: waiting(snapshot, `${reason}, while ${names} receive`, 0) };
  }
  const idle = membersThatDoNotTry(snapshot, primary);
  if (idle.length > 0) {
    return { state, hold: waiting(snapshot, `${reason}, and ${idle.join(', ')} are being put under it`, 0) };
  }
  const decision = failover(snapshot, state, `${reason} that no replica can give`);
  return decision.plan ? decision : { state, hold: waiting(snapshot, decision.hold?.message ?? reason, 0) };
}

/**
 * Members are being put under it, or have been and the source has not taken notice of them yet, for which it takes up to a second: that
 * explains a wait so short, and ends it. One that goes on is told, whatever explains it.
 */
function isReattaching(snapshot: Snapshot, primary: InstanceEvidence, view: InstanceView): boolean {
  const { members } = snapshot.recorded.ackSet;
  const acknowledging = snapshot.instances.filter((instance) => {
    const { replication, semiSyncReplica = false } = viewOf(instance) ?? {};
    const follows = replication?.sourceHost === primary.host && replication.receiver === 'ON';
    return members.includes(instance.name) && semiSyncReplica && follows;
  });
  return membersThatDoNotTry(snapshot, primary).length > 0 || view.semiSyncClients < acknowledging.length;
}

/** Members that answer and do not even try to receive from the primary: attaching them is the cure, and another primary is not. */
function membersThatDoNotTry(snapshot: Snapshot, primary: InstanceEvidence): readonly string[] {
  const { members } = snapshot.recorded.ackSet;
  return snapshot.instances
    .filter(({ name }) => members.includes(name))
    .filter((member) => {
      const view = viewOf(member);
      return view && (view.replication?.sourceHost !== primary.host || view.replication.receiver === 'OFF');
    })
    .map(({ name }) => name);
}

function waiting({ durability, recorded }: Snapshot, message: string, afterMs: number): NonNullable<Decision['hold']> {
  const { members, k } = recorded.ackSet;
  const does =
    durability === 'preferred'
      ? 'fails over to a replica that holds everything, or lets commits wait for fewer acknowledgements'
      : 'fails over as soon as enough of the ack set answer and receive nothing';
  return {
    reason: 'AcksStalled',
    message,
    lifts: `${k} of {${members.join(', ')}} receive from the primary again`,
    next: { afterMs, does },
  };
}
