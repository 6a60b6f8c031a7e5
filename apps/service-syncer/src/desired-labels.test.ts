import { describe, expect, test } from '@jest/globals';
import type { Topology } from './cluster-view.ts';
import { desiredLabels, type LabelCandidate } from './desired-labels.ts';
import { instance, podNameOf, topology } from './test-clusters.ts';
import type { WriteHint } from './write-hint.ts';

const hint = (ordinal: number, epoch: number): WriteHint => ({
  primary: podNameOf(ordinal),
  epoch,
  openedAt: new Date(0),
});

/** `master/yes replica/no …`, in order of ordinals. */
function labelsOf(of: Topology, given?: WriteHint, unvouched: readonly number[] = [], count = 3): string {
  const pods = Array.from({ length: count }, (_unused, ordinal): LabelCandidate => {
    return { pod: podNameOf(ordinal), vouched: !unvouched.includes(ordinal) };
  });
  return desiredLabels(of, pods, given)
    .map(({ role, healthy }) => `${role}/${healthy}`)
    .join(' ');
}

const failedOver = { primary: podNameOf(1), epoch: 4 };
const gone = instance(0, 'Unreachable');
const [, replica1, replica2] = topology().instances;
if (replica1 === undefined || replica2 === undefined) throw new Error('three instances');

describe('labels by the status', () => {
  test.each<[string, Topology, string]>([
    ['a whole cluster', topology(), 'master/yes replica/yes replica/yes'],
    [
      'a lagged replica is out of the Services for reads',
      topology({ instances: [instance(0, 'Primary'), instance(1, 'Replicating', { lagged: true }), replica2] }),
      'master/yes replica/no replica/yes',
    ],
    [
      'a primary is never lagged',
      topology({ instances: [instance(0, 'Primary', { lagged: true }), replica1, replica2] }),
      'master/yes replica/yes replica/yes',
    ],
    [
      'a detached replica answers, with data from before',
      topology({ instances: [instance(0, 'Primary'), instance(1, 'Detached'), replica2] }),
      'master/yes replica/no replica/yes',
    ],
    [
      'a replica that is being cloned',
      topology({ instances: [instance(0, 'Primary'), instance(1, 'Provisioning'), replica2] }),
      'master/yes replica/no replica/yes',
    ],
    [
      'an instance that the engine does not know yet',
      topology({ instances: [instance(0, 'Primary'), replica1] }),
      'master/yes replica/yes replica/no',
    ],
    [
      'a primary that does not answer keeps the role, since nobody else has it, but is not healthy',
      topology({ instances: [gone, replica1, replica2] }),
      'master/no replica/yes replica/yes',
    ],
    [
      'a primary that is recorded and not open, without an operation: nobody leads',
      topology({ ...failedOver, writable: false, instances: [gone, replica1, replica2] }),
      'replica/no replica/yes replica/yes',
    ],
    [
      'a failover done',
      topology({ ...failedOver, instances: [gone, instance(1, 'Primary'), replica2] }),
      'replica/no master/yes replica/yes',
    ],
    [
      'a switchover prepares: nothing has moved',
      topology({ operation: { kind: 'switchover', to: podNameOf(1), phase: 'preparing' } }),
      'master/yes replica/yes replica/yes',
    ],
    [
      'a switchover hands over: new connections go to the one that opens in a moment, reads still to both',
      topology({ operation: { kind: 'switchover', to: podNameOf(1), phase: 'handing-over' } }),
      'replica/yes master/yes replica/yes',
    ],
    [
      'a switchover between its two primaries',
      topology({
        ...failedOver,
        writable: false,
        operation: { kind: 'switchover', to: podNameOf(1), phase: 'switching' },
      }),
      'replica/yes master/yes replica/yes',
    ],
    [
      'a failover between its two primaries: new connections go to the one that opens in a moment',
      topology({
        ...failedOver,
        writable: false,
        instances: [instance(0, 'Primary'), replica1, replica2],
        operation: { kind: 'failover', to: podNameOf(1), phase: 'switching' },
      }),
      'replica/no master/yes replica/yes',
    ],
    [
      'spec.readOnly: the primary serves reads, nobody is master',
      topology({ writable: false, instances: [instance(0, 'Primary', { readOnly: true }), replica1, replica2] }),
      'replica/yes replica/yes replica/yes',
    ],
    [
      'before the first primary',
      topology({ primary: '', epoch: 0, writable: false, instances: [instance(0, 'Blank')] }),
      'replica/no replica/no replica/no',
    ],
    ['nonsense: writable without a primary', topology({ primary: '' }), 'replica/yes replica/yes replica/yes'],
  ])('%s', (_what, of, expected) => {
    expect(labelsOf(of)).toBe(expected);
  });
});

describe('labels by a hint', () => {
  test.each<[string, Topology, WriteHint, string]>([
    ['of a later epoch than the status', topology(), hint(1, 4), 'replica/no master/yes replica/yes'],
    [
      'of the epoch that the status does not call writable yet',
      topology({ ...failedOver, writable: false, instances: [gone, replica1, replica2] }),
      hint(1, 4),
      'replica/no master/yes replica/yes',
    ],
    [
      'for an instance that the status has not heard of serving',
      topology({ instances: [gone, instance(1, 'Unreachable'), replica2] }),
      hint(1, 4),
      'replica/no master/yes replica/yes',
    ],
    [
      'of the switchover that the status still tells of: reads go on where the primary was',
      topology({
        ...failedOver,
        writable: false,
        operation: { kind: 'switchover', to: podNameOf(1), phase: 'switching' },
      }),
      hint(1, 4),
      'replica/yes master/yes replica/yes',
    ],
    ['of an earlier epoch is ignored', topology(), hint(1, 2), 'master/yes replica/yes replica/yes'],
    [
      'that contradicts the status about the same epoch is ignored',
      topology(),
      hint(1, 3),
      'master/yes replica/yes replica/yes',
    ],
    [
      'that contradicts a status that is not writable is ignored',
      topology({ ...failedOver, writable: false, instances: [gone, replica1, replica2] }),
      hint(2, 4),
      'replica/no replica/yes replica/yes',
    ],
  ])('%s', (_what, of, given, expected) => {
    expect(labelsOf(of, given)).toBe(expected);
  });
});

describe('a recreated pod', () => {
  test('starts as an unhealthy replica, whatever the status says of its name', () => {
    expect(labelsOf(topology(), undefined, [0])).toBe('replica/no replica/yes replica/yes');
    expect(labelsOf(topology(), undefined, [2])).toBe('master/yes replica/yes replica/no');
  });

  test('is master when the engine says that it has opened it', () => {
    expect(labelsOf(topology(), hint(0, 4), [0])).toBe('master/yes replica/yes replica/yes');
  });
});

test('there is at most one master, whoever says what', () => {
  for (const epoch of [2, 3, 4]) {
    for (const hinted of [0, 1, 2, 7]) {
      for (const writable of [true, false]) {
        for (const unvouched of [[], [0], [1], [0, 1, 2]]) {
          const labels = labelsOf(topology({ writable }), hint(hinted, epoch), unvouched);
          expect(labels.split('master').length - 1).toBeLessThanOrEqual(1);
        }
      }
    }
  }
});
