import { describe, expect, test } from '@jest/globals';
import { clusterView } from './cluster-view.ts';
import { podView } from './pod-view.ts';
import { clusterKey, pod, rawCluster, rawPod, topology } from './test-clusters.ts';

describe('a pod', () => {
  test('belongs to the cluster that its label and its name agree on', () => {
    expect(pod(1, { role: 'replica', healthy: 'yes' })).toMatchObject({
      clusterKey,
      role: 'replica',
      healthy: 'yes',
      ready: true,
    });
  });

  test.each([
    ['a label of another cluster', { clusterLabel: 'payments' }],
    ['a label that is no name', { clusterLabel: '../../etc' }],
    ['a name that is no instance', { name: 'orders-mysql-01' }],
    ['a name that only begins like one', { name: 'orders-mysql-1-backup' }],
    ['an empty label', { clusterLabel: '' }],
  ])('with %s belongs to none', (_what, options) => {
    expect(pod(1, options).clusterKey).toBeUndefined();
  });

  test('with role or healthy labels that nobody here writes counts as having none', () => {
    expect(pod(1, { role: 'MASTER', healthy: 'yes; DROP TABLE' })).toMatchObject({ role: '', healthy: '' });
  });

  test('is kept without its annotations, however large', () => {
    const raw = rawPod(0);
    const huge = { ...raw, metadata: { ...raw.metadata, annotations: { huge: 'x'.repeat(10_000_000) } } };
    expect(JSON.stringify(podView(huge)).length).toBeLessThan(500);
  });

  test('without labels and status is read all the same', () => {
    expect(podView({ metadata: { name: 'bare' }, spec: { containers: [] } })).toMatchObject({
      clusterKey: undefined,
      ready: false,
    });
  });
});

describe('a cluster', () => {
  test('is read whatever else is wrong with it', () => {
    const raw = {
      ...rawCluster({ topology: topology(), conditions: 'no list' }),
      spec: { replicas: 'many', podSpec: [] },
    };
    expect(clusterView(raw)).toMatchObject({ topology: { epoch: 3 }, conditions: [], replicas: 1 });
  });

  test.each([
    ['no status', undefined, 'absent'],
    ['a status without topology', { readyNodes: 1 }, 'absent'],
    ['a topology of another shape', { topology: { primary: 5 } }, 'malformed'],
    ['a topology that is a text', { topology: 'orders-mysql-0' }, 'malformed'],
  ])('with %s', (_what, status, expected) => {
    expect(clusterView(rawCluster(status)).topology).toBe(expected);
  });
});
