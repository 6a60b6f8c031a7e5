import { describe, expect, test } from '@jest/globals';
import type { TopologyOperation } from '@pilotfish/api';
import fc from 'fast-check';
import { instance, topology } from '../testing/fixtures.ts';
import { planScale, type ScaleInput } from './plan-scale.ts';
import { planVolumes, type VolumesInput } from './plan-volumes.ts';

const cluster = 'my-cluster-1';
const switchover: TopologyOperation = {
  id: '1',
  kind: 'switchover',
  from: 'my-cluster-1-mysql-0',
  to: 'my-cluster-1-mysql-1',
  phase: '',
  startedAt: '',
  reason: '',
  engine: 'engine-0',
  previousAckSet: { members: [], k: 1 },
};
const scale = (wanted: number, current: number | undefined, state: ScaleInput['topology']) =>
  planScale({ cluster, wanted, current, topology: state });

describe('planScale', () => {
  test.each([
    ['a new cluster', 3, undefined, undefined, 3],
    ['out', 5, 3, topology(0, 3), 5],
    ['the same', 3, 3, topology(2, 3), 3],
    ['in, the primary stays', 3, 5, topology(1, 5), 3],
    ['to one', 1, 3, topology(0, 3), 1],
    [
      'in, one that leaves is down',
      2,
      3,
      topology(0, 3, {
        ackSet: { members: ['my-cluster-1-mysql-2'], k: 1 },
        instances: [instance(1), instance(2, { serving: false })],
      }),
      2,
    ],
    ['to zero, whoever is primary', 0, 5, topology(4, 5), 0],
    ['to zero without a topology', 0, 5, undefined, 0],
    ['in before there was any data', 1, 3, topology(0, 3, { primary: '', initialized: false }), 1],
  ])('%s is done at once', (_name, wanted, current, state, expected) => {
    expect(scale(wanted, current, state)).toEqual({ replicas: expected });
  });

  test.each([
    ['the primary leaves', 3, 5, topology(4, 5), 5, /has to move/],
    ['nobody knows who is primary', 1, 3, undefined, 3, /not known/],
    [
      'one that leaves still acknowledges writes',
      1,
      3,
      topology(0, 3, { ackSet: { members: ['my-cluster-1-mysql-1', 'my-cluster-1-mysql-2'], k: 1 } }),
      3,
      /mysql-1 still acknowledges/,
    ],
    ['there is no primary', 1, 3, topology(0, 3, { primary: '' }), 3, /no primary/],
    ['a switchover is under way', 1, 3, topology(0, 3, { operation: switchover }), 3, /switchover/],
    [
      'the replicas that stay have not caught up',
      3,
      5,
      topology(0, 5, { instances: [1, 2, 3, 4].map((n) => instance(n, { caughtUp: n > 2 })) }),
      5,
      /0 have caught up/,
    ],
    [
      'too few of those that stay acknowledge writes',
      3,
      5,
      topology(0, 5, {
        ackSet: { members: [], k: 2 },
        instances: [1, 2, 3, 4].map((n) => instance(n, { attached: n !== 2 })),
      }),
      5,
      /1 have caught up.*2 have to/,
    ],
    ['coming back from zero, the last primary had a high ordinal', 1, 0, topology(3, 5), 4, /newest data/],
  ])('it waits while %s', (_name, wanted, current, state, expected, why) => {
    expect(scale(wanted, current, state)).toEqual({ replicas: expected, hold: expect.stringMatching(why) });
  });

  test('never takes away the pod of the primary, except for zero', () => {
    const replicas = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        replicas,
        fc.option(replicas, { nil: undefined }),
        fc.nat({ max: 8 }),
        fc.nat({ max: 3 }),
        (wanted, current, primary, k) => {
          const state = topology(primary, 9, { ackSet: { members: [], k } });
          return scale(wanted, current, state).replicas > primary;
        },
      ),
    );
  });
});

const claims = (...ordinals: number[]) =>
  ordinals.map((ordinal) => ({
    name: `data-my-cluster-1-mysql-${String(ordinal)}`,
    uid: `claim-${String(ordinal)}`,
    terminating: false,
  }));

const volumes = (facts: Partial<VolumesInput>): VolumesInput => ({
  cluster,
  wanted: 3,
  current: 3,
  pods: [0, 1, 2].map((ordinal) => `my-cluster-1-mysql-${String(ordinal)}`),
  claims: claims(0, 1, 2, 3, 4),
  keepAfterDelete: false,
  topology: topology(0, 3),
  ...facts,
});

const removed = (facts: Partial<VolumesInput>): string[] =>
  planVolumes(volumes(facts)).map(({ instance: name }) => name);

describe('planVolumes', () => {
  test('removes the claims of instances that were scaled away', () => {
    expect(planVolumes(volumes({}))).toEqual(
      claims(3, 4).map((claim) => ({ claim, instance: claim.name.replace('data-', '') })),
    );
  });

  test.each<[string, Partial<VolumesInput>]>([
    ['keepAfterDelete is set', { keepAfterDelete: true }],
    ['the cluster is scaled to zero', { wanted: 0, current: 0, pods: [] }],
    ['the StatefulSet is still larger', { current: 5 }],
    ['the StatefulSet is not known', { current: undefined }],
    ['no primary is open for writes', { topology: topology(0, 3, { writable: false }) }],
    ['no topology is known', { topology: undefined }],
    ['the primary is one of those that leave', { topology: topology(4, 5) }],
    [
      "the claims are another cluster's",
      { claims: [{ name: 'data-my-cluster-mysql-3', uid: '', terminating: false }] },
    ],
    ['they are going already', { claims: claims(3, 4).map((claim) => ({ ...claim, terminating: true })) }],
  ])('removes none while %s', (_name, facts) => {
    expect(removed(facts)).toEqual([]);
  });

  test('waits for the pod of a claim to be gone', () => {
    expect(removed({ pods: volumes({}).pods.concat('my-cluster-1-mysql-4') })).toEqual(['my-cluster-1-mysql-3']);
  });

  test('never names ordinal 0, one that is wanted, or that of a pod', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 6 }),
        fc.nat({ max: 6 }),
        fc.nat({ max: 6 }),
        fc.subarray([0, 1, 2, 3, 4, 5, 6]),
        (wanted, current, primary, running) => {
          const pods = running.map((ordinal) => `my-cluster-1-mysql-${String(ordinal)}`);
          const names = removed({
            wanted,
            current,
            pods,
            claims: claims(0, 1, 2, 3, 4, 5, 6),
            topology: topology(primary, 7),
          });
          const kept = [
            ...pods,
            ...Array.from({ length: Math.max(wanted, current, 1) }, (_, n) => `my-cluster-1-mysql-${String(n)}`),
          ];
          return names.every((name) => !kept.includes(name) && name !== `my-cluster-1-mysql-${String(primary)}`);
        },
      ),
    );
  });
});
