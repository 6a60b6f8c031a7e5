import { describe, expect, test } from '@jest/globals';
import { quantityValue } from './quantity.ts';

describe('quantityValue', () => {
  test.each([
    ['0', 0],
    ['1', 1],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['500m', 0.5],
    ['1Ki', 1024],
    ['1Gi', 1_073_741_824],
    ['1.5Gi', 1_610_612_736],
    ['1G', 1_000_000_000],
    ['2e3', 2000],
    ['2E3', 2000],
    ['1E', 1e18],
    ['-1', -1],
    ['+1', 1],
  ])('%s is %p', (text, value) => {
    expect(quantityValue(text)).toBe(value);
  });

  test.each(['', ' ', '1GB', '10 gigs', 'Gi', '1 Gi', '1K', '0x10', '1e', 'NaN', '1,5', '.', '--1'])(
    '%p is none',
    (text) => {
      expect(quantityValue(text)).toBeUndefined();
    },
  );

  test('a number is itself', () => {
    expect(quantityValue(3)).toBe(3);
  });
});
