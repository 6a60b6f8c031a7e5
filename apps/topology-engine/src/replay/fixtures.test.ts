import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readJournal } from './read-journal.ts';
import { describeDifference, replay } from './replay.ts';

const folder = join(import.meta.dirname, '../../fixtures');

interface Fault {
  /** What was seen in the course of it: states, with the reason where nothing was done. */
  readonly seen: readonly string[];
  /** What was done about it. */
  readonly plans: readonly string[];
}

/** Journals of real faults on real servers; docs/concepts/journal.md says how they are recorded. */
const faults: Readonly<Record<string, Fault>> = {
  'killed-primary': { seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'], plans: ['failover'] },
  'hung-primary': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  switchover: { seen: ['PrimaryLeaving'], plans: ['switchover'] },
  'engine-cut-off': {
    seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryUnreachable: ReplicasStillReceive'],
    plans: [],
  },
  'ack-stall': { seen: ['AcksStalled: AcksStalled', 'AcksStalled'], plans: ['failover'] },
  'disk-full': { seen: ['PrimaryDiskFull: DiskFull'], plans: [] },
  'errant-replica': { seen: ['PrimaryDead'], plans: ['failover'] },
  'two-faults': { seen: ['PrimaryDead: TooFewWitnesses', 'PrimaryDead'], plans: ['failover'] },
  'all-killed': { seen: ['PrimaryDead: TooFewWitnesses', 'PrimaryClosed'], plans: ['reopen'] },
  'primary-and-replica-killed': { seen: ['PrimaryDead: TooFewWitnesses', 'PrimaryClosed'], plans: ['reopen'] },
  'primary-data-deleted': { seen: ['PrimaryDead'], plans: ['failover'] },
  'primary-node-power-cut': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  'primary-read-locked': { seen: ['PrimaryWritesBlocked: WritesBlocked'], plans: [] },
  'primary-read-only-by-hand': { seen: ['PrimaryClosed'], plans: ['reopen'] },
  'second-failure': { seen: ['PrimaryDead'], plans: ['failover'] },
};

test('each journal that is kept is one of these, and each of these is kept', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(faults)
      .map((name) => `${name}.jsonl`)
      .sort(),
  );
});

test.each(Object.entries(faults))('%s: what was decided is decided today', (name, { seen, plans }) => {
  const { entries } = readJournal(readFileSync(join(folder, `${name}.jsonl`), 'utf8'));
  expect(replay(entries).map(describeDifference)).toEqual([]);
  const told = entries.map(({ decision: { state, hold } }) => (hold ? `${state}: ${hold.reason}` : state));
  expect(told).toEqual(expect.arrayContaining([...seen]));
  const done = entries.flatMap(({ decision }) => (decision.plan ? [decision.plan.kind] : []));
  expect([...new Set(done)].filter((kind) => kind !== 'bootstrap')).toEqual(plans);
});
