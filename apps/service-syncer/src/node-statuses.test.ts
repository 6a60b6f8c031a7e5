import { describe, expect, test } from '@jest/globals';
import type { Topology } from './cluster-view.ts';
import { nodeStatuses, readOnlyCondition } from './node-statuses.ts';
import { cluster, instance, podNameOf, topology } from './test-clusters.ts';

const now = new Date('2026-11-24T10:15:00.900Z');
const later = new Date('2026-11-24T10:20:00Z');
const allPods: ReadonlySet<string> = new Set([0, 1, 2].map(podNameOf));

function nodes(
  of: Topology,
  { replicas = 3, pods = allPods, previous = [] as ReturnType<typeof nodeStatuses>, at = now } = {},
) {
  return nodeStatuses(cluster(of, { replicas }), of, pods, previous, at);
}

/** Lagged, Replicating, Master, ReadOnly as T, F or U for each node. */
function summary(statuses: ReturnType<typeof nodeStatuses>): string[] {
  return statuses.map(({ conditions }) => conditions.map(({ status }) => status.slice(0, 1)).join(''));
}

describe('status.nodes', () => {
  test('names each instance by its host and has four conditions, in a fixed order', () => {
    const [first] = nodes(topology());
    expect(first).toEqual({
      name: 'orders-mysql-0.mysql.shop',
      conditions: [
        { type: 'Lagged', status: 'False', lastTransitionTime: '2026-11-24T10:15:00Z' },
        { type: 'Replicating', status: 'False', lastTransitionTime: '2026-11-24T10:15:00Z' },
        { type: 'Master', status: 'True', lastTransitionTime: '2026-11-24T10:15:00Z' },
        { type: 'ReadOnly', status: 'False', lastTransitionTime: '2026-11-24T10:15:00Z' },
      ],
    });
  });

  test.each<[string, Topology, string[]]>([
    ['a whole cluster', topology(), ['FFTF', 'FTFT', 'FTFT']],
    [
      'states of a replica',
      topology({
        instances: [
          instance(0, 'Primary'),
          instance(1, 'CatchingUp', { lagged: true }),
          instance(2, 'Detached'),
          instance(3, 'Unreachable'),
          instance(4, 'Provisioning'),
          instance(5, 'Broken'),
          instance(6, 'Diverged'),
          instance(7, 'Blank'),
        ],
      }),
      ['FFTF', 'TTFT', 'UFFT', 'UUUU', 'UFFT', 'UFFT', 'UFFT', 'UFFT'],
    ],
    ['a primary that cannot be reached', topology({ instances: [instance(0, 'Unreachable')] }), ['UUUU']],
    [
      'a primary that is not open',
      topology({ writable: false, instances: [instance(0, 'Primary', { readOnly: true })] }),
      ['FFTT'],
    ],
  ])('%s', (_what, of, expected) => {
    expect(summary(nodes(of, { replicas: 9 }))).toEqual(expected);
  });

  test('keeps the time of what did not change', () => {
    const before = nodes(topology());
    const lagging = topology({ instances: [instance(0, 'Primary'), instance(1, 'Replicating', { lagged: true })] });
    const after = nodes(lagging, { previous: before, at: later });
    expect(after[0]).toEqual(before[0]);
    expect(after[1]?.conditions.map((condition) => condition.lastTransitionTime)).toEqual([
      '2026-11-24T10:20:00Z',
      '2026-11-24T10:15:00Z',
      '2026-11-24T10:15:00Z',
      '2026-11-24T10:15:00Z',
    ]);
  });

  test('leaves out what is scaled away once its pod is gone, and what is no instance of the cluster', () => {
    const names = (pods: ReadonlySet<string>) => nodes(topology(), { replicas: 1, pods }).map(({ name }) => name);
    expect(names(allPods)).toHaveLength(3);
    expect(names(new Set([podNameOf(0), podNameOf(2)]))).toEqual([
      'orders-mysql-0.mysql.shop',
      'orders-mysql-2.mysql.shop',
    ]);
    const foreign = topology({
      instances: [instance(0, 'Primary'), instance(1, 'Replicating', { name: 'other-mysql-1' })],
    });
    expect(nodes(foreign)).toHaveLength(1);
  });

  test('is in the order of ordinals', () => {
    const instances = [instance(10, 'Replicating'), instance(2, 'Replicating'), instance(0, 'Primary')];
    const ordinals = nodes(topology({ instances }), { replicas: 11 }).map(({ name }) => name.split('.')[0]);
    expect(ordinals).toEqual([podNameOf(0), podNameOf(2), podNameOf(10)]);
  });
});

describe('the condition ReadOnly', () => {
  const readOnly = (of: Topology, previous: Parameters<typeof readOnlyCondition>[2] = [], at = now) =>
    readOnlyCondition(cluster(of), of, previous, at);

  test('is False while an instance takes writes, and names it', () => {
    expect(readOnly(topology())).toEqual({
      type: 'ReadOnly',
      status: 'False',
      reason: 'ClusterReadOnlyFalse',
      message: 'read-write: orders-mysql-0.mysql.shop',
      lastTransitionTime: '2026-11-24T10:15:00Z',
    });
  });

  test.each<[string, Topology]>([
    ['none takes writes', topology({ instances: [instance(0, 'Primary', { readOnly: true })] })],
    ['the one that did does not answer', topology({ instances: [instance(0, 'Unreachable', { readOnly: false })] })],
    ['there is none', topology({ instances: [] })],
  ])('is True when %s', (_what, of) => {
    expect(readOnly(of)).toMatchObject({ status: 'True', reason: 'ClusterReadOnlyTrue' });
  });

  test('keeps its time while the status is the same, although the message changes', () => {
    const before = readOnly(topology());
    const moved = topology({ primary: podNameOf(1), instances: [instance(1, 'Primary')] });
    expect(readOnly(moved, [before], later)).toEqual({
      ...before,
      message: 'read-write: orders-mysql-1.mysql.shop',
    });
  });
});
