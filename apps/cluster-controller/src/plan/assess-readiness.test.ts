import { describe, expect, test } from '@jest/globals';
import { cluster, instance, podFacts, topology } from '../testing/fixtures.ts';
import { assessReadiness, type ReadinessInput } from './assess-readiness.ts';
import type { PodFacts } from './pod-facts.ts';

const nowMs = 1_000_000;

interface Facts {
  readonly replicas?: number;
  readonly readOnly?: boolean;
  readonly pods?: readonly PodFacts[];
  readonly state?: ReturnType<typeof topology>;
  readonly statefulSetReplicas?: number | undefined;
  readonly roll?: ReadinessInput['roll'];
  readonly scaleHold?: string;
}

function assess(facts: Facts) {
  const { replicas = 3, readOnly = false, state, roll, scaleHold } = facts;
  const pods = facts.pods ?? [0, 1, 2].map((ordinal) => podFacts(ordinal));
  return assessReadiness({
    cluster: cluster({ spec: { replicas, readOnly }, status: state === undefined ? {} : { topology: state } }),
    pods,
    statefulSetReplicas: 'statefulSetReplicas' in facts ? facts.statefulSetReplicas : replicas,
    roll,
    scaleHold,
    nowMs,
  });
}

const starting = podFacts(2, { ready: false, readinessSinceMs: nowMs });
const stuck = podFacts(2, { ready: false, readinessSinceMs: 0 });
const faulty = (reason: 'ImagePullFailed' | 'PodUnschedulable') =>
  podFacts(2, { ready: false, faults: [{ reason, message: `${reason}!` }] });

describe('assessReadiness', () => {
  test.each<[string, Facts, string, string, RegExp]>([
    ['all is well', { state: topology(0, 3) }, 'ClusterReady', 'Running', /primary is my-cluster-1-mysql-0.*3 of 3/],
    ['stopped', { replicas: 0, pods: [] }, 'ClusterReady', 'Stopped', /replicas is 0/],
    [
      'stopping',
      { replicas: 0, pods: [podFacts(0, { terminating: true, ready: false })] },
      'StatefulSetNotReady',
      'Initializing',
      /mysql-0/,
    ],
    ['nothing made yet', { pods: [], statefulSetReplicas: undefined }, 'StatefulSetNotReady', 'Pending', /0 of 3/],
    [
      'first start',
      { pods: [podFacts(0), podFacts(1), starting] },
      'StatefulSetNotReady',
      'Initializing',
      /mysql-2 is not Ready yet/,
    ],
    [
      'a pod down',
      { pods: [podFacts(0), podFacts(1), starting], state: topology(0, 3) },
      'StatefulSetNotReady',
      'Degraded',
      /2 of 3/,
    ],
    [
      'an image',
      { pods: [podFacts(0), podFacts(1), faulty('ImagePullFailed')], state: topology(0, 3) },
      'ImagePullFailed',
      'Degraded',
      /ImagePullFailed!/,
    ],
    [
      'no node',
      { pods: [podFacts(0), podFacts(1), faulty('PodUnschedulable')], state: topology(0, 3) },
      'PodUnschedulable',
      'Degraded',
      /!/,
    ],
    [
      'a full volume, as topology-engine says',
      {
        pods: [podFacts(0), podFacts(1), starting],
        state: topology(0, 3, { instances: [instance(2, { serving: false, message: 'No space left on device' })] }),
      },
      'VolumeFull',
      'Degraded',
      /mysql-2: No space left on device\. Grow its PersistentVolumeClaim/,
    ],
    [
      'a password that is refused',
      {
        pods: [podFacts(0), podFacts(1), starting],
        state: topology(0, 3, { instances: [instance(2, { message: 'Access denied for sys_operator' })] }),
      },
      'AccessDenied',
      'Degraded',
      /Access denied/,
    ],
    [
      'a server that does not come up',
      {
        pods: [podFacts(0), podFacts(1), stuck],
        state: topology(0, 3, {
          instances: [instance(2, { state: 'Unreachable', serving: false, message: 'refused' })],
        }),
      },
      'InstanceFailing',
      'Degraded',
      /kubectl logs my-cluster-1-mysql-2 -c mysql.*mysqlConf/,
    ],
    [
      'a server that is still starting',
      {
        pods: [podFacts(0), podFacts(1), starting],
        state: topology(0, 3, {
          instances: [instance(2, { state: 'Unreachable', serving: false, message: 'refused' })],
        }),
      },
      'StatefulSetNotReady',
      'Degraded',
      /Instance my-cluster-1-mysql-2: refused\./,
    ],
    ['no primary yet', {}, 'NoMaster', 'Initializing', /No primary has been chosen yet/],
    [
      'a hold',
      {
        state: topology(0, 3, {
          writable: false,
          hold: { reason: 'r', message: 'too few of the ack set are seen.', since: '2026-01-01T00:00:00Z' },
        }),
      },
      'NoMaster',
      'Degraded',
      /too few of the ack set/,
    ],
    [
      'closed, but read-only by its spec',
      { readOnly: true, state: topology(0, 3, { writable: false }) },
      'ClusterReady',
      'Running',
      /read-only/,
    ],
    [
      'a replica that does not replicate',
      {
        state: topology(0, 3, { instances: [instance(1), instance(2, { attached: false, message: 'being cloned' })] }),
      },
      'NotReplicating',
      'Degraded',
      /mysql-2 is not replicating.*being cloned/,
    ],
    [
      'a roll',
      { state: topology(0, 3), roll: { waitsFor: 'a replica.' } },
      'ClusterReady',
      'Updating',
      /one by one\. Waiting: a replica\./,
    ],
    [
      'a scale-in that waits',
      { replicas: 1, statefulSetReplicas: 3, state: topology(2, 3), scaleHold: 'the primary has to move' },
      'StatefulSetNotReady',
      'Degraded',
      /Scaling to 1 waits: the primary has to move/,
    ],
  ])('%s', (_name, facts, reason, phase, message) => {
    const result = assess(facts);
    expect(result).toMatchObject({ reason, phase });
    expect(result.message).toMatch(message);
  });

  test('counts the pods that are Ready', () => {
    expect(assess({ pods: [podFacts(0), starting], state: topology(0, 3) }).readyNodes).toBe(1);
  });
});
