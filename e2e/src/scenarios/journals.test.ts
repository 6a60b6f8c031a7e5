import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scenarios } from './index.ts';

const fixtures = join(import.meta.dirname, '../../../apps/topology-engine/fixtures');

/** Nothing is decided in them about the topology: the primary is well, what ails a replica is repaired beside it, or a person gave the order. */
const undecided = [
  'primary-switchover',
  'primary-from-api-server-cut',
  'primary-from-clients-cut',
  'primary-to-clients-cut',
  'primary-connections-exhausted',
  'replica-hung',
  'replica-applier-broken',
  'replica-lagging',
  'replica-errant',
  'replica-source-purged',
];

test('of each fault of the matrix that makes the engine decide something a journal is kept', () => {
  const kept = readdirSync(fixtures).map((file) => file.replace('.jsonl', ''));
  const faults = scenarios.filter(({ expectation }) => expectation !== undefined).map(({ name }) => name);
  expect(faults.filter((name) => !kept.includes(name))).toEqual(undecided);
});
