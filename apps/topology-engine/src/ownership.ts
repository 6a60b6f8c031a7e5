import { rendezvousOwner } from '@pilotfish/kube';

/** What decides on the owner of a cluster beside its key. */
export interface Placement {
  /** Live members, this one included. */
  readonly members: readonly string[];
  /** The node of the cluster's primary; empty when it is not known. */
  readonly primaryNode: string;
  readonly nodeOf: (member: string) => string | undefined;
  /** The engine that carries out the cluster's operation, if one is recorded. */
  readonly busy: string | undefined;
}

/**
 * Which engine looks after a cluster. All that know the same members name the same one.
 *
 * An engine keeps a cluster for as long as it carries out its operation. Apart from that, members on the node of the
 * primary are passed over while there is another: what takes the primary's node takes them with it, and then nobody
 * would act until their lease has run out.
 */
export function ownerOf(key: string, { members, primaryNode, nodeOf, busy }: Placement): string | undefined {
  if (busy !== undefined && members.includes(busy)) return busy;
  const elsewhere = members.filter((member) => primaryNode === '' || nodeOf(member) !== primaryNode);
  return rendezvousOwner(key, elsewhere.length > 0 ? elsewhere : members);
}
