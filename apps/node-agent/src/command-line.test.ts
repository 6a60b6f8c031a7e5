import { expect, test } from '@jest/globals';
import { parseCommandLine } from './command-line.ts';

test.each([
  [['init'], { command: 'init' }],
  [['serve'], { command: 'serve' }],
  [['serve', '--help'], { command: 'serve' }],
  [['--help'], 'help'],
  [[], undefined],
  [['sevre'], undefined],
  [['serve', 'init'], undefined],
  [['serve', '--port'], undefined],
])('%j', (argv, command) => {
  expect(parseCommandLine(argv)).toEqual(command);
});
