import { describe, expect, test } from '@jest/globals';
import { lagBeforeLoss, lagOf } from './lag.ts';
import { viewOf } from './snapshot.ts';
import { instance, observed, primary, replica, scene, silent } from './testing/scene.ts';

const hour = 3_600_000;
const seen = (index: number, heartbeatAgeMs: number, clockOffsetMs = 0) =>
  instance(index, observed(replica(index, { heartbeatAgeMs, clockOffsetMs })));

describe('lag', () => {
  test.each([
    ['right', 0],
    ['an hour ahead', hour],
    ['an hour behind', -hour],
  ])('is the same whether the clock of a replica is %s', (_, offset) => {
    const late = seen(1, 4_000 + offset, offset);
    const snapshot = scene([instance(0, observed(primary({ heartbeatAgeMs: 500 }))), late]);
    const view = viewOf(late);
    expect(view && lagOf(view, snapshot)).toBe(3_500);
  });

  test.each([
    ['right', 0],
    ['an hour ahead', hour],
    ['an hour behind', -hour],
  ])('is the same whether the clock of the primary is %s', (_, offset) => {
    const late = seen(1, 4_000 - offset);
    const written = instance(0, observed(primary({ heartbeatAgeMs: 500, clockOffsetMs: offset })));
    const view = viewOf(late);
    expect(view && lagOf(view, scene([written, late]))).toBe(3_500);
    // And when it has gone, 2.5 s ago.
    const lost = instance(0, silent(2_000), { detachedMs: 2_500, clockOffsetMs: offset });
    expect(lagBeforeLoss(late, lost)).toBe(1_500);
  });

  test('of before a loss is read by one clock when the other was never seen', () => {
    expect(lagBeforeLoss(seen(1, 4_000, hour), instance(0, silent(2_000), { detachedMs: 2_500 }))).toBe(1_500);
    expect(lagBeforeLoss(instance(1, silent(2_000)), undefined)).toBe(0);
  });
});
