import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rendezvousOwner } from './rendezvous.ts';

const membersArbitrary = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });

describe('the rendezvous owner', () => {
  test('is nobody among none', () => {
    expect(rendezvousOwner('shop/a', [])).toBeUndefined();
  });

  test('does not depend on the order of the members', () => {
    fc.assert(
      fc.property(fc.string(), membersArbitrary, (key, members) => {
        expect(rendezvousOwner(key, members.toReversed())).toBe(rendezvousOwner(key, members));
      }),
    );
  });

  test('changes only for keys of the member that came or went', () => {
    fc.assert(
      fc.property(fc.string(), membersArbitrary, fc.string({ minLength: 1 }), (key, members, newcomer) => {
        const before = rendezvousOwner(key, members);
        const after = rendezvousOwner(key, [...members, newcomer]);
        expect([before, newcomer]).toContain(after);
      }),
    );
  });

  test('spreads keys evenly', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 3000; i += 1) {
      const owner = rendezvousOwner(`ns/cluster-${i}`, ['engine-0', 'engine-1', 'engine-2']) ?? '';
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
