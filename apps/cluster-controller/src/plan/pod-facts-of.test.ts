import { describe, expect, test } from '@jest/globals';
import type { Pod } from '@pilotfish/kube';
import { podFactsOf } from './pod-facts-of.ts';

type Status = NonNullable<Pod['status']>;

function podOf(name: string, status: Partial<Status> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    metadata: {
      name,
      uid: 'u',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'controller-revision-hash': 'r1' },
      ...metadata,
    },
    spec: { containers: [] },
    status: status,
  };
}

const readiness = (status: string) => ({ type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:10Z' });
const waiting = (reason: string, message?: string) => ({
  containerStatuses: [
    {
      name: 'mysql',
      image: 'registry/mysql:0',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
      lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
    },
  ],
});
const unschedulable = (message: string) => ({
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
});

describe('podFactsOf', () => {
  test('reads what the plans look at, by ordinal, and leaves strangers out', () => {
    const pods = ['c-mysql-10', 'c-mysql-2', 'c-mysql-x', 'other-mysql-0', 'c-mysql-01'].map((name) => {
      return podOf(name, { conditions: [readiness('True')] });
    });
    expect(podFactsOf('c', pods)).toMatchObject([
      { name: 'c-mysql-2', ordinal: 2, revision: 'r1', ready: true, readinessSinceMs: Date.UTC(2026, 0, 1, 0, 0, 10) },
      { name: 'c-mysql-10', ordinal: 10 },
    ]);
  });

  test('says the same of an image while the kubelet alternates between trying and backing off', () => {
    const [first, second] = [
      waiting('ErrImagePull', 'pull access denied'),
      waiting('ImagePullBackOff', 'Back-off pulling image "registry/mysql:0": ErrImagePull: pull access denied'),
    ].map((status) => podFactsOf('c', [podOf('c-mysql-0', status)])[0]?.faults);
    expect(first).toEqual(second);
  });

  test('says the same of a container that runs between two ends', () => {
    const [crashing] = waiting('CrashLoopBackOff').containerStatuses;
    if (crashing === undefined) throw new Error('no status');
    const lastState = {
      terminated: {
        exitCode: 1,
        reason: 'Error',
        startedAt: '2026-01-01T00:00:00Z',
        finishedAt: '2026-01-01T00:00:04Z',
      },
    };
    const often = { ...crashing, restartCount: 3, lastState };
    const [first, second] = [often, { ...often, state: { running: {} } }].map((status) => {
      return podFactsOf('c', [podOf('c-mysql-0', { containerStatuses: [status] })])[0]?.faults;
    });
    expect(first).toEqual(second);
  });

  test('a pod that is ending is not Ready, whatever its condition says', () => {
    const deletionTimestamp = '2026-01-01T00:00:20Z';
    const [facts] = podFactsOf('c', [podOf('c-mysql-0', { conditions: [readiness('True')] }, { deletionTimestamp })]);
    expect(facts).toMatchObject({ ready: false, terminating: true, faults: [] });
  });

  test.each<[string, Partial<Status>, string | undefined, RegExp]>([
    [
      'an image that cannot be pulled',
      waiting('ImagePullBackOff', 'not found'),
      'ImagePullFailed',
      /registry\/mysql:0.*c-mysql-0.*not found.*spec\.image/,
    ],
    [
      'a container that ends again and again',
      waiting('CrashLoopBackOff'),
      'InstanceFailing',
      /c-mysql-0.*137, OOMKilled.*kubectl logs c-mysql-0 -c mysql/,
    ],
    [
      'a missing Secret key',
      waiting('CreateContainerConfigError', 'secret "s" not found'),
      'InstanceFailing',
      /cannot start.*secret "s" not found/,
    ],
    [
      'no node',
      unschedulable('0/3 nodes: Insufficient cpu'),
      'PodUnschedulable',
      /c-mysql-0.*Insufficient cpu.*podSpec\.resources/,
    ],
    [
      'no volume',
      unschedulable('pod has unbound immediate PersistentVolumeClaims'),
      'VolumePending',
      /c-mysql-0.*StorageClass/,
    ],
    ['a container that is being made', waiting('ContainerCreating'), undefined, /^$/],
    ['nothing known', {}, undefined, /^$/],
  ])('%s', (_name, status, reason, message) => {
    const [facts] = podFactsOf('c', [podOf('c-mysql-0', status)]);
    expect(facts?.ready).toBe(false);
    expect(facts?.faults[0]?.reason).toBe(reason);
    expect(facts?.faults[0]?.message ?? '').toMatch(message);
  });
});
