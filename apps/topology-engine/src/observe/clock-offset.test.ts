import { describe, expect, test } from '@jest/globals';
import { ClockOffset } from './clock-offset.ts';

const at = (ms: number): Date => new Date(1_700_000_000_000 + ms);
const serverSays = (ms: number): number => at(ms).getTime();

describe('the offset of a server clock', () => {
  test('is taken against the middle of the round trip', () => {
    expect(new ClockOffset().note(serverSays(90_010), at(0), at(20))).toBe(90_000);
  });

  test('is kept when an answer was long on its way, which says little', () => {
    const offset = new ClockOffset();
    offset.note(serverSays(5), at(0), at(10));
    expect(offset.note(serverSays(2_990), at(1_000), at(3_000))).toBe(0);
  });

  test('follows a clock that is set', () => {
    const offset = new ClockOffset();
    offset.note(serverSays(5), at(0), at(10));
    expect(offset.note(serverSays(61_005), at(1_000), at(1_010))).toBe(60_000);
  });

  test('is not confused when our own clock jumps back during the round trip', () => {
    const offset = new ClockOffset();
    offset.note(serverSays(5), at(0), at(10));
    expect(offset.note(serverSays(1_005), at(1_000), at(-60_000))).toBe(0);
  });
});
