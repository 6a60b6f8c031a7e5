import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ownerOf } from './ownership.ts';

const nodeOf = (member: string) => `node-of-${member}`;
const placement = { members: ['a', 'b', 'c'], primaryNode: '', nodeOf, busy: undefined };

describe('the owner of a cluster', () => {
  test('is one of the live members, the same whatever their order', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const owner = ownerOf(key, placement);
        expect(placement.members).toContain(owner);
        expect(ownerOf(key, { ...placement, members: ['c', 'a', 'b'] })).toBe(owner);
      }),
    );
  });

  test('is not on the node of the primary while there is another', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('a', 'b', 'c'), (key, near) => {
        expect(ownerOf(key, { ...placement, primaryNode: nodeOf(near) })).not.toBe(near);
      }),
    );
    expect(ownerOf('shop/db', { ...placement, members: ['a'], primaryNode: nodeOf('a') })).toBe('a');
  });

  test('stays the engine that carries out the operation, for as long as it lives', () => {
    const busy = { ...placement, primaryNode: nodeOf('a'), busy: 'a' };
    expect(ownerOf('shop/db', busy)).toBe('a');
    expect(ownerOf('shop/db', { ...busy, members: ['b', 'c'] })).not.toBe('a');
  });

  test('nobody when there are no members', () => {
    expect(ownerOf('shop/db', { ...placement, members: [] })).toBeUndefined();
  });
});
