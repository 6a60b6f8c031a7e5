import { createHash } from 'node:crypto';

/**
 * The member with the highest hash of (member, key). Everybody who knows the same members names the same one, whatever
 * their order, and when a member comes or goes only its own keys change hands. Undefined when there are no members.
 */
export function rendezvousOwner(key: string, members: Iterable<string>): string | undefined {
  let owner: string | undefined;
  let highest = '';
  for (const member of members) {
    const weight = createHash('sha256').update(`${member}\0${key}`).digest('hex');
    // The name decides between equal hashes, so that the order of members never does.
    if (owner === undefined || weight > highest || (weight === highest && member > owner)) {
      owner = member;
      highest = weight;
    }
  }
  return owner;
}
