import { rendezvousOwner } from '@pilotfish/kube';

/**
 * Which engine looks after a cluster. All that know the same members name the same one. Members on the node of the
 * cluster's primary are passed over while there is another: what takes the primary's node takes them with it, and then
 * nobody would act until their lease has run out.
 */
export function ownerOf(
  key: string,
  members: readonly string[],
  { primaryNode, nodeOf }: { primaryNode: string; nodeOf: (member: string) => string | undefined },
): string | undefined {
  const elsewhere = members.filter((member) => primaryNode === '' || nodeOf(member) !== primaryNode);
  return rendezvousOwner(key, elsewhere.length > 0 ? elsewhere : members);
}
