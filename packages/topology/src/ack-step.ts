import { type Ackers, ackersFor } from './ackers.ts';
import { type InstanceEvidence, type InstanceView, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/**
 * One safe step towards the ack set that the cluster should have. Each keeps the rule that what is recorded is never less
 * demanding than what is in force: members are added to the record before they acknowledge, k is raised before it is
 * recorded, k is lowered in the record first, and a member leaves the record last.
 */
export type AckStep =
  /** Record the member, then let it acknowledge. */
  | { readonly do: 'add-member'; readonly instance: string }
  /** It is a member, but its acknowledgements are off: turn them on. */
  | { readonly do: 'enable-member'; readonly instance: string }
  /** It acknowledges without being a member: turn that off. */
  | { readonly do: 'silence-stranger'; readonly instance: string }
  /** Make commits wait for k, then record it. */
  | { readonly do: 'raise-k'; readonly k: number }
  /** Record k, then make commits wait for no more. */
  | { readonly do: 'lower-k'; readonly k: number; readonly reason: string }
  /** k is recorded, but something else is in force on the primary. */
  | { readonly do: 'enforce-k'; readonly k: number }
  /** It can't acknowledge any more: once enough others hold what the primary has now, take it out of the record. */
  | { readonly do: 'remove-member'; readonly instance: string };

/** The next step of a cluster whose primary is open, or none when all is as it should be. */
export function nextAckStep(snapshot: Snapshot): AckStep | undefined {
  const { ackSet, primary } = snapshot.recorded;
  const primaryView = viewOf(instanceNamed(snapshot, primary));
  if (!primaryView) return undefined;
  const host = instanceNamed(snapshot, primary)?.host ?? '';
  const replicas = snapshot.instances.filter((instance) => instance.name !== primary);
  const acknowledging = replicas.filter(
    (replica) => ackSet.members.includes(replica.name) && attachedTo(replica, host),
  );
  const ackers = ackersFor(snapshot, primary);
  return (
    lowerWhenStalled(snapshot, acknowledging, primaryView) ??
    enforce(ackSet.k, primaryView) ??
    silence(replicas, ackSet.members) ??
    lowerToSize(snapshot, ackers.wantedK) ??
    admit(replicas.filter(ackers.mayAcknowledge), ackSet.members, host) ??
    raise(snapshot, ackers, acknowledging) ??
    remove(snapshot, ackers, replicas)
  );
}

function attachedTo(instance: InstanceEvidence, host: string): boolean {
  const replication = viewOf(instance)?.replication;
  return replication?.receiver === 'ON' && replication.sourceHost === host;
}

/** Commits wait too long: too few replicas are there to acknowledge, or those that are don't. */
function lowerWhenStalled(
  { durability, recorded, acks }: Snapshot,
  acknowledging: readonly InstanceEvidence[],
  primary: InstanceView,
): AckStep | undefined {
  const { k } = recorded.ackSet;
  if (durability === 'required' || !primary.semiSyncSource || k === 0) return undefined;
  const able = acknowledging.length;
  if (acks.shortMs >= timing.stallToleratedMs && primary.semiSyncClients < k && able < k) {
    return { do: 'lower-k', k: able, reason: `only ${able} of ${k} replicas can acknowledge` };
  }
  // Not while a large transaction is on its way.
  const busy = acknowledging.some((replica) => viewOf(replica)?.replication?.receiving);
  if (acks.stalledMs < timing.stallToleratedMs || busy) return undefined;
  return {
    do: 'lower-k',
    k: Math.min(able, k - 1),
    reason: `commits have waited for ${k} acknowledgements that don't come`,
  };
}

function enforce(k: number, primary: InstanceView): AckStep | undefined {
  const inForce = primary.semiSyncSource ? primary.semiSyncWaitFor : 0;
  return inForce === k ? undefined : { do: 'enforce-k', k };
}

function silence(replicas: readonly InstanceEvidence[], members: readonly string[]): AckStep | undefined {
  const stranger = replicas.find((replica) => viewOf(replica)?.semiSyncReplica && !members.includes(replica.name));
  return stranger && { do: 'silence-stranger', instance: stranger.name };
}

/** Fewer acknowledgements are wanted than k was made for. */
function lowerToSize(snapshot: Snapshot, wanted: number): AckStep | undefined {
  const { k, members } = snapshot.recorded.ackSet;
  const staying = Math.max(members.length - leavingMembers(snapshot), 0);
  const bound = snapshot.durability === 'required' ? wanted : Math.min(wanted, staying);
  return k > bound
    ? {
        do: 'lower-k',
        k: bound,
        reason: `${snapshot.wantedReplicas} instances are wanted, and ${bound} acknowledgements`,
      }
    : undefined;
}

function leavingMembers(snapshot: Snapshot): number {
  const { members } = snapshot.recorded.ackSet;
  return snapshot.instances.filter((instance) => members.includes(instance.name) && isScaledIn(snapshot, instance))
    .length;
}

const isScaledIn = (snapshot: Snapshot, instance: InstanceEvidence): boolean =>
  instance.ordinal >= snapshot.wantedReplicas;

function admit(replicas: readonly InstanceEvidence[], members: readonly string[], host: string): AckStep | undefined {
  for (const replica of replicas) {
    if (replica.leaving || !attachedTo(replica, host) || viewOf(replica)?.replication?.applier !== 'ON') continue;
    if (!members.includes(replica.name)) return { do: 'add-member', instance: replica.name };
    if (!viewOf(replica)?.semiSyncReplica) return { do: 'enable-member', instance: replica.name };
  }
  return undefined;
}

/** Not on those who are leaving: k would be lowered again for them to go. */
function raise(
  { recorded }: Snapshot,
  { wantedK, mayAcknowledge }: Ackers,
  acknowledging: readonly InstanceEvidence[],
): AckStep | undefined {
  const able = acknowledging.filter(
    (replica) => viewOf(replica)?.semiSyncReplica && mayAcknowledge(replica) && !replica.leaving,
  );
  const wanted = Math.min(wantedK, able.length);
  return wanted > recorded.ackSet.k ? { do: 'raise-k', k: wanted } : undefined;
}

/**
 * A member leaves the record when it can't acknowledge any more, or is not to: scaled in, in the primary's own zone, or put
 * under another source, and silenced; its server gone; or cut off for longer than its receiver goes on trying to come back.
 */
function remove(
  snapshot: Snapshot,
  { mayAcknowledge }: Ackers,
  replicas: readonly InstanceEvidence[],
): AckStep | undefined {
  const { members, k } = snapshot.recorded.ackSet;
  if (members.length <= k) return undefined;
  const gone = members.find((name) => {
    const member = replicas.find((replica) => replica.name === name);
    if (!member || member.ordinal >= snapshot.wantedReplicas || !mayAcknowledge(member)) {
      return !member?.podExists || viewOf(member) !== undefined;
    }
    if (member.detachedMs === 0) return false;
    const serverGone = !member.podExists || member.contact.kind === 'refused' || isDetached(member);
    return member.detachedMs > (serverGone ? timing.memberGoneMs : timing.receiverGivesUpMs);
  });
  return gone === undefined ? undefined : { do: 'remove-member', instance: gone };
}

/** Its server runs, but replicates from nobody: it can acknowledge nothing. */
function isDetached(member: InstanceEvidence): boolean {
  const view = viewOf(member);
  return view !== undefined && (view.replication === null || view.replication.receiver === 'OFF');
}
