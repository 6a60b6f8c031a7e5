import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { clusterStates } from './cluster-state.ts';
import { holdReasons } from './hold.ts';

const page = (path: string): Promise<string> => readFile(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

describe('what is written down', () => {
  test.each(clusterStates)('state %s has a row, and a place beside the codes of Orchestrator', async (state) => {
    expect(await page('concepts/states-and-holds.md')).toContain(`| \`${state}\` |`);
    expect(await page('reference/orchestrator-analysis-codes.md')).toContain(`\`${state}\``);
  });

  test.each(holdReasons)('hold %s has its section in the runbook', async (reason) => {
    expect((await page('runbooks/holds.md')).split('\n')).toContain(`## ${reason}`);
  });
});
