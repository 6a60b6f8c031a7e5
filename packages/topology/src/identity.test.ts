import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { identify } from './identity.ts';
import { planRepairs } from './repair.ts';
import { instance, nameOf, observed, primary, refused, replica, scene, uuidOf, view } from './testing/scene.ts';

const nobody = () => false;
const known = { [nameOf(1)]: uuidOf(1) };
const foreign = instance(1, observed(replica(1, { serverUuid: uuidOf(4) })));

describe('who answers at an address', () => {
  test('the server that is known there is the instance', () => {
    const one = instance(1, observed(replica(1)));
    expect(identify([one], known, nobody)).toEqual([one]);
  });

  test('whoever answers first is who it will be', () => {
    expect(identify([foreign], {}, nobody)).toEqual([foreign]);
  });

  test('another server is an impostor', () => {
    const [found] = identify([foreign], known, nobody);
    expect(found?.contact).toEqual({ kind: 'impostor', serverUuid: uuidOf(4), expected: uuidOf(1), ageMs: 10 });
  });

  test('a blank one lost its data directory, and is made anew', () => {
    const blank = instance(1, observed(view(1, { serverUuid: uuidOf(4), executed: GtidSet.empty })));
    expect(identify([blank], known, nobody)).toEqual([blank]);
  });

  test('one whose own agent vouches for it was restored', () => {
    expect(identify([foreign], known, (name) => name === nameOf(1))).toEqual([foreign]);
  });

  test('one that does not answer is left as it is', () => {
    const gone = instance(1, refused);
    expect(identify([gone], known, nobody)).toEqual([gone]);
  });

  test('nothing is done to an impostor: it is neither attached, nor closed, nor copied over', () => {
    const open = instance(1, observed(view(1, { serverUuid: uuidOf(4), readOnly: false })));
    const instances = identify([instance(0, observed(primary())), open], known, nobody);
    expect(planRepairs(scene(instances))).toEqual([]);
  });
});
