import { expect, test } from '@jest/globals';
import { ManualClock } from './index.ts';

test('time stands still until it is advanced, and sleepers wake in order at their own times', async () => {
  const clock = new ManualClock();
  const woken: [string, number][] = [];
  const sleepers = [['late', 300] as const, ['early', 100] as const].map(async ([name, ms]) => {
    await clock.sleep(ms);
    woken.push([name, clock.nowMs()]);
  });
  await clock.advance(99);
  expect(woken).toEqual([]);
  expect(clock.sleeperCount).toBe(2);
  await clock.advance(1_000);
  expect(woken).toEqual([
    ['early', 100],
    ['late', 300],
  ]);
  expect(clock.nowMs()).toBe(1_099);
  await Promise.all(sleepers);
});

test('a loop of sleeps sees every round of one long advance', async () => {
  const clock = new ManualClock();
  const rounds: number[] = [];
  const stop = new AbortController();
  const loop = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(250, stop.signal);
      rounds.push(clock.nowMs());
    }
  })().catch((reason: unknown) => reason);
  await clock.advance(1_000);
  expect(rounds).toEqual([250, 500, 750, 1_000]);
  stop.abort(new Error('enough'));
  expect(await loop).toEqual(new Error('enough'));
  expect(clock.sleeperCount).toBe(0);
});

test('calendar time moves along and jumps without moving the monotonic clock', async () => {
  const clock = new ManualClock({ startsAt: new Date('2026-03-29T00:00:00Z') });
  await clock.advance(1_500);
  clock.jumpWallBy(-3_600_000);
  expect(clock.nowMs()).toBe(1_500);
  expect(clock.wall().toISOString()).toBe('2026-03-28T23:00:01.500Z');
});
