import { expect, test } from '@jest/globals';
import { LogLimiter } from './log-limiter.ts';

test('one line per key and interval, which says how many were held back', () => {
  let now = 0;
  const limiter = new LogLimiter(100, () => now);
  expect(limiter.admit('a')).toEqual({ suppressed: 0 });
  expect(limiter.admit('a')).toBeUndefined();
  expect(limiter.admit('a')).toBeUndefined();
  expect(limiter.admit('b')).toEqual({ suppressed: 0 });
  now = 100;
  expect(limiter.admit('a')).toEqual({ suppressed: 2 });
  now = 200;
  expect(limiter.admit('a')).toEqual({ suppressed: 0 });
});
