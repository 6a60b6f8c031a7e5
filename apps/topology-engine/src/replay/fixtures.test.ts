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

/** Journals of real faults on real servers, most of them by the name of their scenario; docs/concepts/journal.md says how they are recorded. */
const faults: Readonly<Record<string, Fault>> = {
  'ack-stall': { seen: ['AcksStalled: AcksStalled', 'AcksStalled'], plans: ['failover'] },
  'all-killed': {
    seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead: TooFewWitnesses', 'PrimaryClosed'],
    plans: ['reopen'],
  },
  'api-server-down': {
    seen: [
      'PrimaryUnreachable: ReplicasStillReceive',
      'PrimaryDead',
      'PrimarySuspected: PrimarySuspected',
      'PrimaryClosed',
    ],
    plans: ['failover', 'reopen'],
  },
  'empty-cluster': { seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'], plans: ['failover'] },
  'engine-and-primary-lose-power': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  'engine-killed-mid-failover': {
    seen: [
      'PrimaryUnreachable: ReplicasStillReceive',
      'PrimaryDead',
      'OperationInterrupted: PrimarySuspected',
      'OperationInterrupted',
      'PrimarySuspected: PrimarySuspected',
    ],
    plans: ['failover'],
  },
  'nats-down': { seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'], plans: ['failover'] },
  'network-back-mid-failover': {
    seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'],
    plans: ['failover'],
  },
  'primary-ack-stall': { seen: ['AcksStalled: AcksStalled'], plans: [] },
  'primary-and-replica-killed': {
    seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead: TooFewWitnesses', 'PrimaryClosed'],
    plans: ['reopen'],
  },
  'primary-data-deleted': { seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'], plans: ['failover'] },
  'primary-disk-full': { seen: ['PrimaryDiskFull: DiskFull', 'PrimaryWritesBlocked: WritesBlocked'], plans: [] },
  'primary-from-engine-cut': {
    seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryUnreachable: ReplicasStillReceive'],
    plans: [],
  },
  'primary-hung-3s': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  'primary-hung-45s': {
    seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'],
    plans: ['failover'],
  },
  'primary-node-partitioned': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  'primary-node-power-cut': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  'primary-pod-deleted': { seen: ['PrimaryLeaving', 'PrimarySuspected: PrimarySuspected'], plans: ['switchover'] },
  'primary-pod-force-deleted': {
    seen: ['PrimaryLeaving', 'PrimarySuspected: PrimarySuspected'],
    plans: ['switchover'],
  },
  'primary-read-locked': { seen: ['PrimaryWritesBlocked: WritesBlocked'], plans: [] },
  'primary-read-only-by-hand': { seen: ['PrimaryClosed'], plans: ['reopen'] },
  'primary-sigkill': { seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'], plans: ['failover'] },
  'primary-sigstop': { seen: ['PrimarySuspected: PrimarySuspected', 'PrimaryDead'], plans: ['failover'] },
  'primary-to-replicas-cut': {
    seen: ['AcksStalled: AcksStalled', 'AcksStalled', 'PrimarySuspected: PrimarySuspected'],
    plans: ['failover'],
  },
  'replicas-to-primary-cut': {
    seen: ['AcksStalled: AcksStalled', 'AcksStalled', 'PrimarySuspected: PrimarySuspected'],
    plans: ['failover'],
  },
  'second-failure': { seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead'], plans: ['failover'] },
  'switchover-read-locked': { seen: ['PrimaryLeaving', 'PrimarySuspected: PrimarySuspected'], plans: ['switchover'] },
  'switchover-target-dies': { seen: ['PrimaryLeaving', 'PrimarySuspected: PrimarySuspected'], plans: ['switchover'] },
  'switchover-target-hangs': { seen: ['PrimaryLeaving', 'PrimarySuspected: PrimarySuspected'], plans: ['switchover'] },
  'switchover-with-lag': {
    seen: ['PrimaryLeaving: NoCaughtUpReplica', 'PrimaryLeaving', 'PrimarySuspected: PrimarySuspected'],
    plans: ['switchover'],
  },
  switchover: { seen: ['PrimaryLeaving'], plans: ['switchover'] },
  'two-faults': {
    seen: ['PrimaryUnreachable: ReplicasStillReceive', 'PrimaryDead: TooFewWitnesses', 'PrimaryDead'],
    plans: ['failover'],
  },
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
