import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isLabelValue, labelKeys, objectLabels, selectorLabels, serviceSelector } from './labels.ts';
import { claimName, instanceHost, leaseNames, longestHostLength, masterHost, ordinalOf, podName } from './names.ts';

describe('names', () => {
  test('are the ones that users of the old operator have in their manifests and dashboards', () => {
    expect(podName('my-cluster-1', 0)).toBe('my-cluster-1-mysql-0');
    expect(instanceHost('my-cluster-1', 4, 'shop')).toBe('my-cluster-1-mysql-4.mysql.shop');
    expect(masterHost('my-cluster-1', 'shop')).toBe('my-cluster-1-mysql-master.shop');
    expect(claimName(podName('db', 2))).toBe('data-db-mysql-2');
    expect(leaseNames.topologyEngineMember('engine-abc')).toBe('pilotfish-topology-engine-engine-abc');
  });

  test('ordinalOf is the inverse of podName', () => {
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 98 }), (cluster, ordinal) => {
        expect(ordinalOf(cluster, podName(cluster, ordinal))).toBe(ordinal);
      }),
    );
  });

  test.each([
    'db-mysql-',
    'db-mysql-01',
    'db-mysql-1-x',
    'db-mysql--1',
    'db-mysql-1e3',
    'other-mysql-1',
    'db-mysql-9999999999',
    '',
  ])('%p is no pod of the cluster db', (pod) => {
    expect(ordinalOf('db', pod)).toBeUndefined();
  });

  test('a cluster whose name begins like a pod of another one is not mistaken for it', () => {
    expect(ordinalOf('db', podName('db-mysql-1', 0))).toBeUndefined();
  });

  test('the longest host is that of the highest ordinal', () => {
    expect(longestHostLength('db', 'shop', 10)).toBe('db-mysql-9.mysql.shop'.length);
    expect(longestHostLength('db', 'shop', 11)).toBe('db-mysql-10.mysql.shop'.length);
    expect(longestHostLength('db', 'shop', 0)).toBe('db-mysql-0.mysql.shop'.length);
  });
});

describe('labels', () => {
  test('Services select by the immutable three and what the service-syncer sets', () => {
    expect(serviceSelector('db', 'master')).toEqual({ ...selectorLabels('db'), role: 'master' });
    expect(serviceSelector('db', 'ready-nodes')).toEqual({ ...selectorLabels('db'), healthy: 'yes' });
    expect(serviceSelector('db', 'ready-replicas')).toEqual({
      ...selectorLabels('db'),
      role: 'replica',
      healthy: 'yes',
    });
    expect(selectorLabels('db')).toEqual({
      'mysql.presslabs.org/cluster': 'db',
      'app.kubernetes.io/name': 'mysql',
      'app.kubernetes.io/managed-by': 'mysql.presslabs.org',
    });
  });

  test('annotations of the cluster override informative labels and never the selector', () => {
    const annotations = {
      [labelKeys.instance]: 'orders',
      [labelKeys.partOf]: 'shop',
      [labelKeys.cluster]: 'stolen',
      [labelKeys.name]: 'stolen',
    };
    const labels = objectLabels('db', { version: '9.7.0', annotations });
    expect(labels).toMatchObject({
      ...selectorLabels('db'),
      [labelKeys.instance]: 'orders',
      [labelKeys.partOf]: 'shop',
    });
    expect(labels[labelKeys.version]).toBe('9.7.0');
    expect(labels[labelKeys.component]).toBe('database');
  });

  test.each([
    ['a text with spaces', 'my app'],
    ['ten megabytes', 'x'.repeat(10_000_000)],
    ['a line break', 'a\nb'],
  ])('an annotation of %s does not become a label', (_what, value) => {
    expect(isLabelValue(value)).toBe(false);
    expect(objectLabels('db', { annotations: { [labelKeys.instance]: value } })[labelKeys.instance]).toBe('db');
  });
});
