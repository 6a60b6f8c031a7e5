import { describe, expect, test } from '@jest/globals';
import { ClockOffset } from './clock-offset.ts';

const epoch = 1_700_000_000_000;
const serverSays = (ms: number): number => epoch + ms;

describe('the offset of a server clock', () => {
  test('is taken against the middle of the round trip', () => {
    expect(new ClockOffset().note(serverSays(90_010), 0, 20)).toBe(epoch + 90_000);
  });

  test('is kept when an answer was long on its way, which says little', () => {
    const offset = new ClockOffset();
    offset.note(serverSays(5), 0, 10);
    expect(offset.note(serverSays(2_990), 1_000, 3_000)).toBe(epoch);
  });

  test('follows a clock that is set', () => {
    const offset = new ClockOffset();
    offset.note(serverSays(5), 0, 10);
    expect(offset.note(serverSays(61_005), 1_000, 1_010)).toBe(epoch + 60_000);
  });
});
