import { describe, expect, test } from '@jest/globals';
import { instance, podFacts, topology } from '../testing/fixtures.ts';
import { patienceMs, planRoll, type RollInput, settleMs } from './plan-roll.ts';
import type { PodFacts } from './pod-facts.ts';

const nowMs = 1_000_000;
const old = { revision: 'old' } as const;
const fault = { reason: 'ImagePullFailed', message: 'no such image' } as const;

function input(pods: readonly PodFacts[], facts: Partial<RollInput> = {}): RollInput {
  return {
    replicas: pods.length,
    updateRevision: 'new',
    pods,
    topology: topology(0, pods.length),
    underWay: false,
    readOnly: false,
    nowMs,
    ...facts,
  };
}

const outcome = (plan: RollInput): string => {
  const result = planRoll(plan);
  if (result.kind === 'delete') return `delete ${String(result.pod.ordinal)} (${result.why})`;
  return result.kind === 'wait' ? `wait: ${result.message}` : result.kind;
};

const pod = podFacts;

describe('planRoll', () => {
  test.each<[string, RollInput, string]>([
    ['nothing to do while all pods are current', input([pod(0), pod(1), pod(2)]), 'none'],
    [
      'the last pod of a roll is terminating',
      input([pod(0), pod(1), pod(2, { ...old, ready: false, terminating: true })], { underWay: true }),
      'wait: Pod my-cluster-1-mysql-2 is terminating.',
    ],
    [
      'the last pod of a roll is not back yet',
      input([pod(0), pod(1, { ready: false, readinessSinceMs: nowMs })], { underWay: true }),
      'wait: Pod my-cluster-1-mysql-1 is starting.',
    ],
    [
      'the last pod of a roll does not come back',
      input([pod(0), pod(1, { ready: false, faults: [fault] })], { underWay: true }),
      'none',
    ],
    ['a pod away without a roll', input([pod(0), pod(1, { ready: false, readinessSinceMs: nowMs })]), 'none'],
    ['no pods at all', input([]), 'none'],
    ['an unobserved template', input([pod(0, old)], { updateRevision: undefined }), 'unknown'],
    ['the highest replica first', input([pod(0, old), pod(1, old), pod(2, old)]), 'delete 2 (replica)'],
    ['the next replica after it', input([pod(0, old), pod(1, old), pod(2)]), 'delete 1 (replica)'],
    ['the primary last', input([pod(0, old), pod(1), pod(2)]), 'delete 0 (primary)'],
    [
      'a primary with a high ordinal is last, too',
      input([pod(0, old), pod(1, old), pod(2, old)], { topology: topology(2, 3) }),
      'delete 1 (replica)',
    ],
    ['a single instance', input([pod(0, old)], { topology: topology(0, 1) }), 'delete 0 (primary)'],
    [
      'a pod that is terminating',
      input([pod(0, old), pod(1, old), pod(2, { ready: false, terminating: true })]),
      'wait: Pod my-cluster-1-mysql-2 is terminating.',
    ],
    [
      'a pod that does not exist yet',
      input([pod(0, old), pod(1, old)], { replicas: 3 }),
      'wait: The pod with ordinal 2 does not exist yet.',
    ],
    [
      'a pod that starts',
      input([pod(0, old), pod(1, old), pod(2, { ready: false, readinessSinceMs: nowMs - 1_000 })]),
      'wait: Pod my-cluster-1-mysql-2 is not Ready yet.',
    ],
    [
      'a pod that has only just become Ready',
      input([pod(0, old), pod(1, old), pod(2, { readinessSinceMs: nowMs - settleMs + 1 })]),
      'wait: Pod my-cluster-1-mysql-2 has only just become Ready.',
    ],
    [
      'a replica that is not attached',
      input([pod(0, old), pod(1, old), pod(2)], {
        topology: topology(0, 3, { instances: [instance(1), instance(2, { attached: false })] }),
      }),
      'wait: Instance my-cluster-1-mysql-2 has not caught up with the primary yet.',
    ],
    [
      'a replica that lags is replaced itself',
      input([pod(0, old), pod(1, old), pod(2, old)], {
        topology: topology(0, 3, { instances: [instance(1), instance(2, { caughtUp: false })] }),
      }),
      'delete 2 (replica)',
    ],
    [
      'the primary waits for a replica that lags',
      input([pod(0, old), pod(1), pod(2)], {
        topology: topology(0, 3, { instances: [instance(1), instance(2, { caughtUp: false })] }),
      }),
      'wait: Instance my-cluster-1-mysql-2 has not caught up with the primary yet.',
    ],
    ['an unknown topology', input([pod(0, old)], { topology: undefined }), 'wait: No primary is known.'],
    [
      'a primary that is not open',
      input([pod(0, old), pod(1, old)], { topology: topology(0, 2, { writable: false }) }),
      'wait: The primary my-cluster-1-mysql-0 is not open for writes.',
    ],
    [
      'a read-only cluster',
      input([pod(0, old), pod(1, old)], { topology: topology(0, 2, { writable: false }), readOnly: true }),
      'delete 1 (replica)',
    ],
    [
      'a hold',
      input([pod(0, old)], { topology: topology(0, 1, { hold: { reason: 'r', message: 'quorum.', since: '' } }) }),
      'wait: The topology is on hold: quorum.',
    ],
    [
      'a pod that is broken goes before the healthy ones',
      input([pod(0, old), pod(1, { ...old, ready: false, faults: [fault] }), pod(2, old)]),
      'delete 1 (broken)',
    ],
    [
      'a pod that has not been Ready for long counts as broken',
      input([pod(0, old), pod(1, { ...old, ready: false, readinessSinceMs: nowMs - patienceMs }), pod(2, old)]),
      'delete 1 (broken)',
    ],
    [
      'a pod that is not Ready for a moment does not',
      input([pod(0, old), pod(1, { ...old, ready: false, readinessSinceMs: nowMs - 1 }), pod(2, old)]),
      'wait: Pod my-cluster-1-mysql-1 is not Ready yet.',
    ],
    [
      'a broken pod waits for one that was just replaced',
      input([
        pod(0, old),
        pod(1, { ...old, ready: false, faults: [fault] }),
        pod(2, { ready: false, readinessSinceMs: nowMs }),
      ]),
      'wait: Pod my-cluster-1-mysql-2 is starting.',
    ],
    [
      'a broken current pod stops the healthy ones, with its reason',
      input([pod(0, old), pod(1, old), pod(2, { ready: false, faults: [fault] })]),
      'wait: no such image',
    ],
    [
      'a cluster that never started: all are broken, no primary',
      input(
        [0, 1, 2].map((n) => pod(n, { ...old, ready: false, faults: [fault] })),
        { topology: undefined },
      ),
      'delete 2 (broken)',
    ],
    [
      'a broken primary with outdated replicas',
      input([pod(0, { ...old, ready: false, faults: [fault] }), pod(1, old)], { topology: topology(0, 2) }),
      'wait: The primary my-cluster-1-mysql-0 is not Ready; its replicas are not replaced meanwhile.',
    ],
    [
      'a broken primary that alone is outdated',
      input([pod(0, { ...old, ready: false, faults: [fault] }), pod(1)], { topology: topology(0, 2) }),
      'delete 0 (broken)',
    ],
    [
      'pods on their way out of a scale-in',
      input([pod(0, old), pod(1, old), pod(2)], { replicas: 2 }),
      'wait: Pod my-cluster-1-mysql-2 is being removed.',
    ],
  ])('%s', (_name, plan, expected) => {
    expect(outcome(plan)).toBe(expected);
  });
});
