import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';

test.each([
  ['15s', 15_000],
  ['1m30s', 90_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['7d', 604_800_000],
  ['0', 0],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '15', 's', '15 s', '-1s', '1s2', '1e3s'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('what is formatted reads back as the same number', () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms));
});
