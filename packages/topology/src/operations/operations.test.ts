import { describe, expect, test } from '@jest/globals';
import { defaultPolicy, type InstancePolicy } from '../policy.ts';
import type { Snapshot } from '../snapshot.ts';
import {
  agent,
  follows,
  gtids,
  instance,
  lostSource,
  nameOf,
  observed,
  primary,
  refused,
  replica,
  scene,
  silent,
} from '../testing/scene.ts';
import type { OperationName } from './table.ts';
import { findOperation, operations } from './table.ts';

const ordered = { by: 'ada', reason: 'why not', atMs: Date.parse('2026-05-01T12:00:00Z') };
const [zero, one, two] = [nameOf(0), nameOf(1), nameOf(2)];

function order(snapshot: Snapshot, name: OperationName, params: object = {}) {
  const operation = findOperation(name);
  if (!operation) throw new Error(`no operation ${name}`);
  return operation.plan(snapshot, operation.params.parse(params), ordered);
}

const withPolicies = (...instances: InstancePolicy[]): Snapshot =>
  scene(undefined, { policy: { ...defaultPolicy, instances } });

const leader = instance(0, observed(primary()));
/** Instance 2 replicates from instance 1. */
const chained = scene(
  [leader, instance(1, observed(replica(1))), instance(2, observed(replica(2, { replication: follows(1) })))],
  { recorded: { ackSet: { members: [one], k: 1 } } },
);

/** Instance 2 holds more than the other replica. */
const ahead = instance(
  2,
  observed(replica(2, { executed: gtids('a:1-12'), replication: follows(0, { received: gtids('a:1-12') }) })),
);

const diverged = instance(1, observed(replica(1, { executed: gtids('a:1-10,c:1-2') })), { agent: agent() });

describe('what is refused, with the predicate that fails', () => {
  test.each<[string, OperationName, object, Snapshot, string, RegExp]>([
    [
      'a target that is not there',
      'switchover',
      { to: 'db-mysql-9' },
      scene(),
      'UnknownInstance',
      /there are db-mysql-0, /,
    ],
    ['the primary as target', 'switchover', { to: zero }, scene(), 'AlreadyPrimary', /db-mysql-0 is the primary/],
    [
      'a target that must not be promoted',
      'switchover',
      { to: one },
      withPolicies({ name: one, promotionRule: 'mustNot' }),
      'PromotionForbidden',
      /must not be promoted/,
    ],
    [
      'a fenced target',
      'failover',
      { to: one },
      withPolicies({ name: one, promotionRule: 'neutral', fenced: { by: 'bob', reason: 'disk' } }),
      'PromotionForbidden',
      /fenced by bob \(disk\)/,
    ],
    [
      'a target that does not answer',
      'switchover',
      { to: one },
      scene([leader, instance(1, refused), instance(2, observed(replica(2)))]),
      'NotReachable',
      /refused/,
    ],
    [
      'a target far behind',
      'switchover',
      { to: one },
      scene([leader, instance(1, observed(replica(1, { heartbeatAgeMs: 60_000 }))), instance(2, observed(replica(2)))]),
      'NotCaughtUp',
      /59900 ms behind; 10000 ms is the most/,
    ],
    [
      'a target that lost its source',
      'switchover',
      { to: one },
      scene([leader, instance(1, observed(lostSource(1))), instance(2, observed(replica(2)))]),
      'NotCaughtUp',
      /receiver CONNECTING/,
    ],
    [
      'nobody to take over, with all their reasons',
      'switchover',
      {},
      scene([leader, instance(1, refused), instance(2, silent(5_000))]),
      'NoCandidate',
      /db-mysql-1 does not answer \(refused\); db-mysql-2 does not answer \(silent\)/,
    ],
    [
      'a switchover of a dead primary',
      'switchover',
      {},
      scene([instance(0, refused), instance(1, observed(replica(1))), instance(2, observed(replica(2)))]),
      'NoPrimary',
      /db-mysql-0 does not answer/,
    ],
    [
      'a failover that could lose an acknowledged write',
      'failover',
      {},
      scene([leader, instance(1, observed(replica(1))), instance(2, refused)]),
      'TooFewWitnesses',
      /1 of the ack set \{db-mysql-1, db-mysql-2\} answer and have kept what they received, and 2 must/,
    ],
    [
      'a failover to one that lacks what another holds, and is far behind',
      'failover',
      { to: one },
      scene([leader, instance(1, observed(replica(1, { heartbeatAgeMs: 60_000 }))), ahead]),
      'NotCaughtUp',
      /59900 ms behind, 10000 ms is the most, and lacks transactions that db-mysql-2 hold/,
    ],
    ['a fence of the primary', 'fence', { instance: zero }, scene(), 'IsPrimary', /switch over first/],
    [
      'a fence that would hold up every commit',
      'fence',
      { instance: one },
      scene(undefined, { recorded: { ackSet: { members: [one], k: 1 } } }),
      'WouldStallWrites',
      /wait for 1 of \{db-mysql-1\}; without db-mysql-1, 0 can acknowledge/,
    ],
    ['an end of no fence', 'unfence', { instance: one }, scene(), 'NothingToChange', /not fenced/],
    [
      'a move under the present source',
      'reparent',
      { instance: one, source: zero },
      scene(),
      'NothingToChange',
      /already/,
    ],
    [
      'a loop',
      'reparent',
      { instance: one, source: two },
      chained,
      'WouldLoop',
      /db-mysql-2 replicates from db-mysql-1/,
    ],
    ['a move of the primary', 'reparent', { instance: zero, source: one }, scene(), 'IsPrimary', /switch over first/],
    [
      'a source that lacks what the instance has',
      'reparent',
      { instance: two, source: one },
      scene([
        leader,
        instance(1, observed(replica(1))),
        instance(2, observed(replica(2, { executed: gtids('a:1-10,c:1-2') }))),
      ]),
      'WouldDiverge',
      /:1-2, which db-mysql-2 has/,
    ],
    [
      'a source that has purged what the instance needs',
      'reparent',
      { instance: two, source: one },
      scene([
        leader,
        instance(1, observed(replica(1, { executed: gtids('a:1-20'), purged: gtids('a:1-15') }))),
        instance(2, observed(replica(2))),
      ]),
      'SourcePurged',
      /:11-15, which db-mysql-2 needs/,
    ],
    [
      'replicas of one that has none',
      'reparent-replicas',
      { of: one, source: zero },
      scene(),
      'NothingToChange',
      /nobody/,
    ],
    ['a rebuild without an agent', 'rebuild', { instance: one }, scene(), 'NoAgent', /beside db-mysql-1/],
    [
      'a donor that would not do',
      'rebuild',
      { instance: one, donor: two },
      scene([leader, instance(1, observed(replica(1)), { agent: agent() }), instance(2, observed(lostSource(2)))]),
      'NoDonor',
      /db-mysql-0 would do/,
    ],
    [
      'a rebuild of one that does not answer: what only it has can not be told',
      'rebuild',
      { instance: one },
      scene([leader, instance(1, refused, { agent: agent() }), instance(2, observed(replica(2)))]),
      'NotReachable',
      /db-mysql-1 does not answer \(refused\)/,
    ],
    [
      'a rebuild that would throw away what is to be left alone',
      'rebuild',
      { instance: one },
      scene([leader, diverged, instance(2, observed(replica(2)))], {
        policy: { ...defaultPolicy, errantPolicy: 'never' },
      }),
      'WouldDiscard',
      /db-mysql-1 holds transactions that db-mysql-0 lacks: .*:1-2; errantPolicy is never: it is left as it is/,
    ],
    ['an epoch that has not begun', 'acknowledge', { upToEpoch: 4 }, scene(), 'BadRequest', /4 has not begun; 3 has/],
  ])('%s', (_what, name, params, snapshot, reason, message) => {
    expect(order(snapshot, name, params)).toEqual({ refused: { reason, message: expect.stringMatching(message) } });
  });

  test.each(['switchover', 'failover', 'rebuild'] as const)('%s while another operation is recorded', (name) => {
    const operation = { id: 'failover-3', kind: 'failover', from: zero, to: one, phase: 'switching' } as const;
    const snapshot = scene(undefined, {
      recorded: { operation: { ...operation, previousAckSet: { members: [], k: 0 } } },
    });
    expect(order(snapshot, name, name === 'rebuild' ? { instance: one } : {})).toMatchObject({
      refused: { reason: 'NoPrimary', message: 'failover failover-3 is not done yet' },
    });
  });
});

describe('what is planned', () => {
  const steps = (snapshot: Snapshot, name: OperationName, params: object = {}) => {
    const result = order(snapshot, name, params);
    if ('refused' in result) throw new Error(result.refused.message);
    return result.plan.steps.map(({ do: what, instance: about, source }) =>
      [what, about, source].filter(Boolean).join(' '),
    );
  };

  test('a switchover to the best replica, and to the wanted one', () => {
    expect(order(scene(), 'switchover')).toMatchObject({
      plan: { kind: 'switchover', from: zero, to: one, reason: 'ordered by ada: why not' },
    });
    expect(order(scene(), 'switchover', { to: two })).toMatchObject({ plan: { to: two } });
  });

  test('a failover to one that lacks a moment of what another holds', () => {
    const behind = scene([leader, instance(1, observed(replica(1))), ahead]);
    expect(order(behind, 'failover', { to: one })).toMatchObject({ plan: { to: one, insists: true } });
    expect(order(behind, 'failover')).toMatchObject({ plan: { to: two } });
  });

  test('a failover of a primary that works', () => {
    expect(order(scene(), 'failover', { to: two })).toMatchObject({ plan: { kind: 'failover', from: zero, to: two } });
  });

  test('a member of the ack set leaves it before it is moved, fenced or rebuilt', () => {
    expect(steps(scene(), 'reparent', { instance: two, source: one })).toEqual([
      `leave-ack-set ${two}`,
      'record-orders',
      `re-parent ${two} ${one}`,
    ]);
    expect(steps(scene(), 'fence', { instance: two })).toEqual([
      `leave-ack-set ${two}`,
      'record-orders',
      `hold ${two}`,
    ]);
    const withAgent = scene([
      leader,
      instance(1, observed(replica(1))),
      instance(2, observed(replica(2)), { agent: agent() }),
    ]);
    expect(steps(withAgent, 'rebuild', { instance: two })).toEqual([`leave-ack-set ${two}`, `rebuild ${two} ${one}`]);
  });

  test.each(['ask', 'auto'] as const)('a rebuild of one that has diverged, with errantPolicy %s', (errantPolicy) => {
    const policy = { ...defaultPolicy, errantPolicy };
    const snapshot = scene([leader, diverged, instance(2, observed(replica(2)))], { policy });
    expect(steps(snapshot, 'rebuild', { instance: one })).toEqual([`leave-ack-set ${one}`, `rebuild ${one} ${two}`]);
  });

  test('back under the primary, the order is taken back', () => {
    expect(order(chained, 'reparent', { instance: two, source: zero })).toMatchObject({
      plan: { orders: { instances: [{ name: two, follows: null }] } },
    });
    expect(steps(chained, 'reparent-replicas', { of: one, source: zero })).toEqual([
      'record-orders',
      `re-parent ${two} ${zero}`,
    ]);
  });

  test.each<[OperationName, object, object]>([
    [
      'downtime',
      { instance: one, seconds: 90 },
      { instances: [{ name: one, downtime: { until: '2026-05-01T12:01:30.000Z' } }] },
    ],
    ['downtime', { instance: one, seconds: 0 }, { instances: [{ name: one, downtime: null }] }],
    ['promotion-rule', { instance: one, rule: 'prefer' }, { instances: [{ name: one, promotionRule: 'prefer' }] }],
    ['pause', { seconds: 60 }, { paused: { by: 'ada', reason: 'why not', until: '2026-05-01T12:01:00.000Z' } }],
    ['pause', {}, { paused: { by: 'ada', reason: 'why not' } }],
    ['resume', {}, { paused: null }],
    ['acknowledge', {}, { acknowledged: { by: 'ada', epoch: 3, at: '2026-05-01T12:00:00.000Z' } }],
  ])('%s %j only writes orders down', (name, params, orders) => {
    expect(order(scene(), name, params)).toMatchObject({ plan: { kind: 'order', from: zero, to: zero, orders } });
    expect(steps(scene(), name, params)).toEqual(['record-orders']);
  });
});

test('every operation has a name of its own, and parameters that refuse what they do not know', () => {
  expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
  for (const { params } of operations) expect(params.safeParse({ nonsense: 1 }).success).toBe(false);
});
