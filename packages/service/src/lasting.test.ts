import { expect, test } from '@jest/globals';
import { Lasting } from './lasting.ts';

test('something has lasted when it has been so without a break', () => {
  let nowMs = 0;
  const lasting = new Lasting({ nowMs: () => nowMs }, 500);
  expect(lasting.remainingMs(false)).toBeUndefined();
  expect(lasting.remainingMs(true)).toBe(500);
  nowMs = 300;
  expect(lasting.remainingMs(true)).toBe(200);
  expect(lasting.remainingMs(false)).toBeUndefined();
  nowMs = 600;
  expect(lasting.remainingMs(true)).toBe(500);
  nowMs = 1_200;
  expect(lasting.remainingMs(true)).toBe(0);
});
