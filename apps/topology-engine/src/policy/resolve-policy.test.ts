import { describe, expect, test } from '@jest/globals';
import { type OrchestratorSettings, type TopologyStatus, withDefaults } from '@pilotfish/api';
import { defaultPolicy, instancePolicy, type Policy } from '@pilotfish/topology';
import { type PolicySources, resolvePolicy } from './resolve-policy.ts';

type Replication = PolicySources['spec'];

const now = new Date('2026-05-01T12:00:00Z');
const inAMinute = '2026-05-01T12:01:00Z';
const aMinuteAgo = '2026-05-01T11:59:00Z';

const topology: TopologyStatus = {
  primary: 'db-mysql-0',
  epoch: 3,
  initialized: true,
  ackSet: { members: [], k: 0 },
  writable: true,
  instances: [],
};

function resolve(
  replication: Partial<Replication>,
  status: Partial<TopologyStatus> = {},
  operator: OrchestratorSettings = {},
): Policy {
  const identity = { name: 'db', namespace: 'test', uid: 'u', resourceVersion: '1', generation: 1 };
  const metadata = { ...identity, labels: {}, annotations: {}, finalizers: [] };
  const { spec } = withDefaults({ metadata, spec: { secretName: 's', replication }, status: {} });
  return resolvePolicy({
    key: 'test/db',
    instances: ['db-mysql-0', 'db-mysql-1'],
    spec: spec.replication,
    operator,
    topology: { ...topology, ...status },
    now,
  });
}

describe('resolvePolicy', () => {
  test('a cluster that asks for nothing gets what decisions take for the default', () => {
    expect(resolve({})).toEqual(defaultPolicy);
  });

  test('what the spec asks for holds, in milliseconds', () => {
    const { failover, ...others } = resolve({
      mode: 'async',
      errantPolicy: 'never',
      failover: {
        delaySeconds: 30,
        recoveryBlockSeconds: 60,
        maxLagSeconds: 5,
        whenBehind: 'hold',
        acrossZones: false,
      },
    });
    expect(others).toMatchObject({ mode: 'async', errantPolicy: 'never' });
    expect(failover).toMatchObject({
      delayMs: 30_000,
      recoveryBlockMs: 60_000,
      maxLagMs: 5_000,
      whenBehind: 'hold',
      acrossZones: false,
      acrossRegions: true,
    });
  });

  test.each([
    ['the spec', { failover: { paused: true } }, undefined, { by: 'the spec' }],
    ['an order without an end', {}, { by: 'ann', reason: 'move' }, { by: 'ann', reason: 'move' }],
    ['an order until later', {}, { by: 'ann', reason: 'move', until: inAMinute }, { endsInMs: 60_000 }],
  ])('a pause by %s', (_who, replication: Partial<Replication>, paused, expected) => {
    const orders = { instances: [], ...(paused && { paused }) };
    expect(resolve(replication, { orders }).failover.paused).toMatchObject(expected);
  });

  test('a pause that has run out is none', () => {
    const orders = { instances: [], paused: { by: 'ann', reason: 'move', until: aMinuteAgo } };
    expect(resolve({}, { orders }).failover.paused).toBeUndefined();
  });

  test('failures count until they are acknowledged', () => {
    const failures = [
      { name: 'db-mysql-1', at: aMinuteAgo, epoch: 2 },
      { name: 'db-mysql-2', at: aMinuteAgo, epoch: 3 },
    ];
    const acknowledged = { by: 'ann', epoch: 2, at: aMinuteAgo };
    expect(resolve({}, { failures }).failover.failures).toHaveLength(2);
    expect(resolve({}, { failures, orders: { instances: [], acknowledged } }).failover.failures).toEqual([
      { instance: 'db-mysql-2', ageMs: 60_000 },
    ]);
  });

  test('a failure from the future, as a clock set back makes it, is one of now', () => {
    const failures = [{ name: 'db-mysql-1', at: inAMinute, epoch: 2 }];
    expect(resolve({}, { failures }).failover.failures[0]?.ageMs).toBe(0);
  });

  test('orders about an instance win over the spec; a downtime that has run out is gone, the other one stays', () => {
    const policy = resolve(
      {
        failover: {
          instances: [
            { name: 'db-mysql-0', promotionRule: 'prefer', downtime: { until: inAMinute } },
            { name: 'db-mysql-1', downtime: { until: aMinuteAgo } },
          ],
        },
      },
      {
        orders: {
          instances: [
            {
              name: 'db-mysql-0',
              promotionRule: 'mustNot',
              downtime: { by: 'ann', reason: 'disk', until: aMinuteAgo },
              fenced: { by: 'ann', reason: 'look', since: aMinuteAgo },
            },
            { name: 'db-mysql-2', follows: 'db-mysql-1' },
          ],
        },
      },
    );
    expect(instancePolicy(policy, 'db-mysql-0')).toMatchObject({
      promotionRule: 'mustNot',
      downtime: { by: 'the spec', endsInMs: 60_000 },
      fenced: { by: 'ann', reason: 'look' },
    });
    expect(instancePolicy(policy, 'db-mysql-1')).toEqual({ name: 'db-mysql-1', promotionRule: 'neutral' });
    expect(instancePolicy(policy, 'db-mysql-2')).toEqual({
      name: 'db-mysql-2',
      promotionRule: 'neutral',
      follows: 'db-mysql-1',
    });
    expect(instancePolicy(policy, 'db-mysql-3')).toEqual({ name: 'db-mysql-3', promotionRule: 'neutral' });
  });

  test("the operator's settings hold where the spec says nothing", () => {
    const operator = {
      recoveryBlockSeconds: 300,
      maxLagSeconds: 600,
      reasonableLagSeconds: 5,
      whenBehind: 'hold',
      acrossZones: false,
    } as const;
    const { failover } = resolve({ failover: { recoveryBlockSeconds: 0, acrossZones: true } }, {}, operator);
    expect(failover).toMatchObject({
      recoveryBlockMs: 0,
      maxLagMs: 600_000,
      reasonableLagMs: 5_000,
      whenBehind: 'hold',
      acrossZones: true,
    });
  });

  test.each<[string, OrchestratorSettings, boolean]>([
    ['no filters', {}, true],
    ['its name', { recoverPrimary: [{ name: 'db.test' }] }, true],
    ['another name', { recoverPrimary: [{ name: 'db.other' }] }, false],
    ['an expression', { recoverPrimary: [{ expression: /test$/ }] }, true],
    ['filters that match nothing', { recoverPrimary: [] }, false],
  ])('a cluster is recovered by %s', (_what, operator, recovered) => {
    expect(resolve({}, {}, operator).failover.recoverPrimary).toBe(recovered);
    expect(resolve({ failover: { recoverPrimary: true } }, {}, operator).failover.recoverPrimary).toBe(true);
  });

  test("instances that the operator's filters name are in downtime, or never lead; spec and orders win", () => {
    const operator = { ignoredHosts: [/^db-mysql-0\.mysql\.test/], neverPromoted: [/./] };
    const policy = resolve(
      { failover: { instances: [{ name: 'db-mysql-1', promotionRule: 'prefer' }] } },
      {},
      operator,
    );
    expect(instancePolicy(policy, 'db-mysql-0')).toMatchObject({
      promotionRule: 'mustNot',
      downtime: { reason: 'RecoveryIgnoreHostnameFilters names it' },
    });
    expect(instancePolicy(policy, 'db-mysql-1')).toEqual({ name: 'db-mysql-1', promotionRule: 'prefer' });
  });
});
