import { GtidSet } from '@pilotfish/gtid';
import { uuidOf } from '../testing/scene.ts';

/** A set of the transactions of a world: bit i is the i-th of `World.txs`. */
export type TxSet = number;

/** What every server with data had when the world began. */
const base = 'ffffffff-1111-1111-1111-111111111111:1';

export const includes = (set: TxSet, part: TxSet): boolean => (set & part) === part;

export function sizeOf(set: TxSet): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

/** The indices of its members, ascending. */
export function membersOf(set: TxSet): number[] {
  const members: number[] = [];
  for (let index = 0; set >> index !== 0; index += 1) if ((set >> index) & 1) members.push(index);
  return members;
}

const parsed = new Map<string, GtidSet>();

/** The same set as MySQL names it: the n-th transaction of a server has number n. `origins[i]` is where transaction i began. */
export function gtidsOf(set: TxSet, origins: readonly number[]): GtidSet {
  const key = `${String(set)} ${origins.join('')}`;
  const known = parsed.get(key);
  if (known) return known;
  const numbers = origins.map(
    (origin, index) => origins.slice(0, index + 1).filter((other) => other === origin).length,
  );
  const texts = membersOf(set).map((index) => `${uuidOf(origins[index] ?? 0)}:${String(numbers[index])}`);
  const gtids = GtidSet.parse([base, ...texts].join(','));
  parsed.set(key, gtids);
  return gtids;
}
