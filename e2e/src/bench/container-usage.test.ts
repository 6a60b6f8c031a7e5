import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseUsage } from './container-usage.ts';

test('a line of /proc/<pid>/stat is read past any program name', () => {
  const stat =
    '42 (odd ) name) S 1 42 42 0 -1 4194304 5000 0 0 0 150 50 7 3 20 0 11 0 12345 1073741824 2560 18446744073709551615';
  expect(parseUsage(stat)).toEqual({ cpuMs: 2100, rssBytes: 2560 * 4096 });
});

test('the usage of this very process is plausible', () => {
  const { cpuMs, rssBytes } = parseUsage(readFileSync('/proc/self/stat', 'utf8'));
  expect(cpuMs).toBeGreaterThan(0);
  expect(rssBytes).toBeGreaterThan(10_000_000);
});
