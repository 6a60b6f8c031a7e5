import { describe, expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const known = ['primary-sigkill', 'bad-input'];

describe('the command line', () => {
  test('without names means all scenarios', () => {
    expect(readArguments([], known).names).toEqual(known);
  });

  test('takes names apart or joined by commas', () => {
    expect(readArguments(['bad-input,primary-sigkill'], known).names).toEqual(['bad-input', 'primary-sigkill']);
    expect(readArguments(['bad-input', 'primary-sigkill', '--rounds', '3'], known)).toMatchObject({
      names: ['bad-input', 'primary-sigkill'],
      rounds: 3,
    });
  });

  test('refuses a name that is not there and a number that is none', () => {
    expect(() => readArguments(['primary'], known)).toThrow('There is no scenario primary');
    expect(() => readArguments(['--rounds', 'many'], known)).toThrow('whole number');
  });
});
