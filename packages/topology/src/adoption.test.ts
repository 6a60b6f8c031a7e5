import { describe, expect, test } from '@jest/globals';
import { chooseAdopted } from './adoption.ts';
import { defaultPolicy } from './policy.ts';
import { gtids, instance, observed, primary, replica } from './testing/scene.ts';

describe('the first primary of a topology that was there before', () => {
  test('is the one that takes the writes, also when a replica was looked at later and holds more of its commits', () => {
    const ahead = replica(0, { executed: gtids('b:1-12') });
    const open = primary({ serverUuid: replica(1).serverUuid, executed: gtids('b:1-10') });
    expect(chooseAdopted([instance(0, observed(ahead)), instance(1, observed(open))], defaultPolicy)).toMatchObject({
      kind: 'chosen',
      name: 'db-mysql-1',
    });
  });

  test('is nobody while two take writes', () => {
    const both = [instance(0, observed(primary())), instance(1, observed(primary()))];
    expect(chooseAdopted(both, defaultPolicy)).toEqual({
      kind: 'none',
      reason: 'db-mysql-0, db-mysql-1 are open for writes',
      lifts: 'all but the one that leads are closed',
    });
  });

  test('is nobody while another holds transactions that the open one lacks', () => {
    const diverged = replica(1, { executed: gtids('a:1-10,b:1') });
    expect(
      chooseAdopted([instance(0, observed(primary())), instance(1, observed(diverged))], defaultPolicy),
    ).toMatchObject({
      kind: 'none',
      reason: expect.stringContaining('db-mysql-1 hold transactions'),
    });
  });

  test('of closed ones, is the one that holds everything', () => {
    const more = replica(1, { executed: gtids('a:1-11') });
    expect(
      chooseAdopted([instance(0, observed(replica(0))), instance(1, observed(more))], defaultPolicy),
    ).toMatchObject({
      name: 'db-mysql-1',
    });
  });
});
