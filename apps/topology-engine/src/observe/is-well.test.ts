import { expect, test } from '@jest/globals';
import type { Decision, Snapshot } from '@pilotfish/topology';
import { isWell } from './is-well.ts';

const receives = (receiver: string) => ({ kind: 'observed', ageMs: 1, view: { replication: { receiver } } });

const snapshot = (receiver: string): Snapshot =>
  ({
    recorded: { primary: 'db-0', operation: undefined },
    instances: [
      { name: 'db-0', contact: { kind: 'observed', ageMs: 1, view: { replication: null } } },
      { name: 'db-1', contact: receiver === '' ? { kind: 'refused', forMs: 1 } : receives(receiver) },
    ],
  }) as unknown as Snapshot;

const healthy: Decision = { state: 'PrimaryHealthy' };
const hold = { reason: 'AcksStalled', message: '', lifts: '' } as const;

test.each<[string, boolean, Decision, string]>([
  ['a healthy primary whose replica receives', true, healthy, 'ON'],
  ['a replica that looks for its source', false, healthy, 'CONNECTING'],
  ['a replica that does not answer', false, healthy, ''],
  ['a primary in doubt', false, { state: 'PrimarySuspected' }, 'ON'],
  ['something that is held', false, { ...healthy, hold }, 'ON'],
])('%s: %s', (_what, expected, decision, receiver) => {
  expect(isWell(decision, snapshot(receiver))).toBe(expected);
});
