import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks } from '@pilotfish/testkit';
import { measureRewind } from './rewind.ts';

checkLeaks({ beforeAll, afterAll });

test('a primary that failed with commits waiting is rewound, or cloned where it has to be, by real agents and the real engine', async () => {
  const lines: string[] = [];
  const { rows } = await measureRewind(0.05, (line) => lines.push(line));
  expect(rows.map(({ fault, how }) => `${fault} ${how}`)).toEqual(['kill rewind', 'hang rewind', 'kill clone']);
  process.stderr.write(`${lines.join('\n')}\n`);
}, 400_000);
