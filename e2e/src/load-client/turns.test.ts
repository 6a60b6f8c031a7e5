import { expect, test } from '@jest/globals';
import { nextTurn } from './turns.ts';

test.each<[string, number, number, number]>([
  ['a quick one waits for the next', 0, 3, 1],
  ['one that took longer than its time is followed at once by the latest that has come', 0, 95, 2],
  ['and that by the next, though it began late', 2, 97, 3],
])('of turns 40 ms apart, %s', (_what, turn, passedMs, next) => {
  expect(nextTurn(turn, passedMs, 40)).toBe(next);
});
