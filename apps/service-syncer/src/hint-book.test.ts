import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import type { Topology } from './cluster-view.ts';
import { HintBook, hintLifetimeMs } from './hint-book.ts';
import { clusterKey, podNameOf, topology } from './test-clusters.ts';

let clock: ManualClock;
let hints: HintBook;
beforeEach(() => {
  clock = new ManualClock();
  hints = new HintBook(clock);
});

const hint = (ordinal: number, epoch: number, openedAt = clock.wall()) => ({
  primary: podNameOf(ordinal),
  epoch,
  openedAt,
});
const opening: Topology = topology({ primary: podNameOf(1), epoch: 4, writable: false });
const opened: Topology = topology({ primary: podNameOf(1), epoch: 4 });

describe('a hint', () => {
  test('of a later epoch counts until the status has caught up', () => {
    expect(hints.offer(clusterKey, hint(1, 4), topology())).toBe('accepted');
    hints.observe(clusterKey, topology());
    hints.observe(clusterKey, opening);
    expect(hints.get(clusterKey)?.epoch).toBe(4);
    hints.observe(clusterKey, opened);
    expect(hints.get(clusterKey)).toBeUndefined();
  });

  test('of an earlier epoch than the status, or than a hint before it, is stale', () => {
    expect(hints.offer(clusterKey, hint(1, 2), topology())).toBe('stale');
    expect(hints.offer(clusterKey, hint(1, 5), topology())).toBe('accepted');
    expect(hints.offer(clusterKey, hint(2, 4), topology())).toBe('stale');
    expect(hints.get(clusterKey)?.epoch).toBe(5);
  });

  test('that tells what is known already changes nothing', () => {
    expect(hints.offer(clusterKey, hint(1, 4), opened)).toBe('known');
    expect(hints.offer(clusterKey, hint(1, 5), opened)).toBe('accepted');
    expect(hints.offer(clusterKey, hint(1, 5), opened)).toBe('known');
  });

  test('that names another primary for a known epoch conflicts and is not believed', () => {
    expect(hints.offer(clusterKey, hint(2, 4), opening)).toBe('conflicting');
    expect(hints.offer(clusterKey, hint(1, 4), opening)).toBe('accepted');
    expect(hints.offer(clusterKey, hint(2, 4), topology())).toBe('conflicting');
    expect(hints.get(clusterKey)?.primary).toBe(podNameOf(1));
  });

  test('that comes after the status has closed the primary again does not open it', () => {
    hints.observe(clusterKey, opened);
    hints.observe(clusterKey, opening);
    expect(hints.offer(clusterKey, hint(1, 4), opening)).toBe('stale');
  });

  test('ends when the status goes on to a later epoch without it', () => {
    hints.offer(clusterKey, hint(1, 4), topology());
    hints.observe(clusterKey, topology({ primary: podNameOf(2), epoch: 5, writable: false }));
    expect(hints.get(clusterKey)).toBeUndefined();
  });

  test('that the status never confirms ends by itself', async () => {
    hints.offer(clusterKey, hint(1, 4), topology());
    expect(hints.remainingMs(clusterKey)).toBe(hintLifetimeMs);
    await clock.advance(hintLifetimeMs);
    expect(hints.get(clusterKey)).toBeUndefined();
    expect(hints.remainingMs(clusterKey)).toBeUndefined();
  });

  test('that waited long in an outbox is stale', () => {
    const old = new Date(clock.wall().getTime() - hintLifetimeMs - 1);
    expect(hints.offer(clusterKey, hint(1, 4, old), topology())).toBe('stale');
  });
});
