import { expect, test } from '@jest/globals';
import { decideStart, type StartFacts } from './start-decision.ts';

const facts: StartFacts = {
  nowMs: 100_000,
  beganMs: 100_000,
  waitMs: 5_000,
  isolated: false,
  lastIsolatedMs: undefined,
  solo: false,
};

test.each<[string, Partial<StartFacts>, 'start' | 'wait']>([
  ['a boundary may come', {}, 'wait'],
  ['it did not come in time', { nowMs: 105_000 }, 'start'],
  ['waiting is switched off', { waitMs: 0 }, 'start'],
  ['there is nobody else', { solo: true }, 'start'],
  ['cut off: nobody can bring it yet', { nowMs: 400_000, isolated: true }, 'wait'],
  ['cut off for ten minutes', { nowMs: 700_000, isolated: true }, 'start'],
  ['the network is back: whoever brings it gets its time', { nowMs: 400_000, lastIsolatedMs: 398_000 }, 'wait'],
  ['the network is back, and nobody brings it', { nowMs: 400_000, lastIsolatedMs: 395_000 }, 'start'],
])('%s: %j -> %s', (_, change, expected) => {
  expect(decideStart({ ...facts, ...change })).toBe(expected);
});
