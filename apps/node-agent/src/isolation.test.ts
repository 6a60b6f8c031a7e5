import { describe, expect, test } from '@jest/globals';
import { decideIsolation, type IsolationDecision, type IsolationFacts } from './isolation.ts';

const writable: IsolationFacts = {
  nowMs: 100_000,
  lastContactMs: 90_000,
  timeoutMs: 10_000,
  writable: 'yes',
  solo: false,
  closingFailed: false,
};

const rows: [string, Partial<IsolationFacts>, IsolationDecision][] = [
  ['writable and out of contact for as long as the time-out', {}, 'close'],
  ['writable and out of contact so long that it is closed by the time-out', { lastContactMs: 93_000 }, 'close'],
  ['writable and out of contact for a millisecond less', { lastContactMs: 93_001 }, 'stay'],
  ['writable and out of contact for half of a short time-out', { timeoutMs: 3_000, lastContactMs: 98_500 }, 'close'],
  ['writable and out of contact for less', { timeoutMs: 3_000, lastContactMs: 98_501 }, 'stay'],
  ['writable, out of contact, could not be closed', { closingFailed: true }, 'kill'],
  ['perhaps writable and out of contact', { writable: 'maybe' }, 'kill'],
  ['perhaps writable and in contact', { writable: 'maybe', lastContactMs: 99_000 }, 'stay'],
  ['closed and out of contact', { writable: 'no' }, 'stay'],
  ['closed, out of contact, an earlier attempt failed', { writable: 'no', closingFailed: true }, 'stay'],
  ['the only instance of its cluster, out of contact', { solo: true }, 'stay'],
  ['the only instance, perhaps writable', { solo: true, writable: 'maybe' }, 'stay'],
];

describe('an instance that is', () => {
  test.each(rows)('%s: %j -> %s', (_, facts, decision) => {
    expect(decideIsolation({ ...writable, ...facts })).toBe(decision);
  });
});
