import { describe, expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const known = { all: ['primary-sigkill', 'bad-input'], matrix: ['primary-sigkill'] };

describe('the command line', () => {
  test('without names means all scenarios', () => {
    expect(readArguments([], known).names).toEqual(known.all);
  });

  test('takes names apart or joined by commas', () => {
    expect(readArguments(['bad-input,primary-sigkill'], known).names).toEqual(['bad-input', 'primary-sigkill']);
    expect(readArguments(['bad-input', 'primary-sigkill', '--rounds', '3'], known)).toMatchObject({
      names: ['bad-input', 'primary-sigkill'],
      rounds: 3,
    });
  });

  test('means each fault of the matrix once, with --matrix and nothing else', () => {
    expect(readArguments(['--matrix'], known)).toMatchObject({ names: ['primary-sigkill'], matrix: true, rounds: 1 });
    expect(readArguments(['--matrix', '--rounds', '5'], known).rounds).toBe(5);
  });

  test('takes a folder for journals', () => {
    expect(readArguments(['--matrix', '--journals', 'there'], known).journals).toBe('there');
  });

  test('refuses a name that is not there and a number that is none', () => {
    expect(() => readArguments(['primary'], known)).toThrow('There is no scenario primary');
    expect(() => readArguments(['--rounds', 'many'], known)).toThrow('whole number');
  });
});
