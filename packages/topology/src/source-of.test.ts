import { describe, expect, test } from '@jest/globals';
import { describeInstances } from './instance-state.ts';
import { defaultPolicy, type FailoverPolicy } from './policy.ts';
import { planRepairs } from './repair.ts';
import type { InstanceEvidence, InstanceView, Snapshot } from './snapshot.ts';
import { sourceOf } from './source-of.ts';
import {
  follows,
  gtids,
  instance,
  nameOf,
  observed,
  primary,
  refused,
  replica,
  scene,
  silent,
} from './testing/scene.ts';
import { timing } from './timing.ts';

/** 2 is to follow 1, which follows the primary 0. */
function chain(intermediate: InstanceEvidence, last: InstanceView, failover: Partial<FailoverPolicy> = {}): Snapshot {
  const instances = [{ name: nameOf(2), promotionRule: 'neutral' as const, follows: nameOf(1) }];
  return scene([instance(0, observed(primary())), intermediate, instance(2, observed(last))], {
    policy: { ...defaultPolicy, instances, failover: { ...defaultPolicy.failover, ...failover } },
  });
}

const good = instance(1, observed(replica(1)));
const below = replica(2, { semiSyncReplica: false, replication: follows(1) });
const longGone = { detachedMs: timing.memberGoneMs + 1 };

function wanted(snapshot: Snapshot): string {
  const [leader, , last] = snapshot.instances;
  if (!leader || !last) throw new Error('three instances');
  const source = sourceOf(last, snapshot, leader);
  return source.kind === 'follow' ? source.source.name : 'wait';
}

describe('the source of an instance that is to follow another', () => {
  test.each<[string, InstanceEvidence, number]>([
    ['passes on what it gets', good, 1],
    ['does not answer for a moment', instance(1, silent(2_000)), 1],
    ['has crashed', instance(1, refused, longGone), 0],
    [
      'has lost the primary',
      instance(1, observed(replica(1, { replication: follows(0, { receiver: 'CONNECTING' }) })), longGone),
      0,
    ],
    [
      'has a broken applier',
      instance(1, observed(replica(1, { replication: follows(0, { applier: 'OFF', applierErrno: 1062 }) }))),
      0,
    ],
    ['has transactions of its own', instance(1, observed(replica(1, { executed: gtids('a:1-10,b:1') }))), 0],
    ['is open for writes', instance(1, observed(replica(1, { readOnly: false }))), 0],
    ['follows the one below it', instance(1, observed(replica(1, { replication: follows(2) }))), 0],
  ])('which %s', (_, intermediate, source) => {
    expect(wanted(chain(intermediate, below))).toBe(nameOf(source));
  });

  test('is waited for where intermediate primaries are not recovered', () => {
    const crashed = instance(1, refused, longGone);
    const snapshot = chain(crashed, below, { recoverIntermediatePrimary: false });
    expect(wanted(snapshot)).toBe('wait');
    expect(planRepairs(snapshot)).toMatchObject([{ do: 'wait', instance: nameOf(2) }]);
  });

  test('is kept, and counts as attached', () => {
    const snapshot = chain(good, below);
    expect(planRepairs(snapshot)).toEqual([]);
    expect(describeInstances(snapshot)[2]).toMatchObject({ state: 'Replicating', attached: true });
  });

  test('is taken up again when it is back', () => {
    const snapshot = chain(good, replica(2, { replication: follows(0) }));
    expect(planRepairs(snapshot)).toMatchObject([{ do: 'attach', instance: nameOf(2), source: nameOf(1) }]);
  });
});

describe('a primary that has a source', () => {
  const ring = instance(0, observed(primary({ replication: follows(1) })));

  test('is taken out of replication: it would take in what a former primary kept', () => {
    expect(planRepairs(scene([ring, good]))).toMatchObject([{ do: 'detach', instance: nameOf(0) }]);
  });

  test('keeps it where an order says so: a ring of which one is open', () => {
    const instances = [{ name: nameOf(0), promotionRule: 'neutral' as const, follows: nameOf(1) }];
    expect(planRepairs(scene([ring, good], { policy: { ...defaultPolicy, instances } }))).toEqual([]);
  });
});

describe('what is said of a replica that is not broken', () => {
  test.each<[Partial<InstanceView>, string]>([
    [
      { replication: follows(0, { receiver: 'CONNECTING', receiverErrno: 1045, receiverError: 'Access denied' }) },
      'refuses the replication account',
    ],
    [
      { replication: follows(0, { receiver: 'CONNECTING', receiverErrno: 2003, receiverError: "Can't connect" }) },
      'does not reach its source',
    ],
    [{ replication: follows(0, { delaySeconds: 3_600 }) }, '3600 s late on purpose'],
    [{ clockOffsetMs: 90_000 }, 'its clock is 90 s ahead of the primary'],
    [{ clockOffsetMs: -2_000 }, 'its clock is 2 s behind the primary'],
  ])('%j', (change, says) => {
    const facts = describeInstances(
      scene([instance(0, observed(primary())), instance(1, observed(replica(1, change)))]),
    );
    expect(facts[1]?.message).toContain(says);
  });

  test('a clock that is ahead makes no lag', () => {
    const ahead = replica(1, { clockOffsetMs: 90_000, heartbeatAgeMs: 90_200 });
    const [, facts] = describeInstances(scene([instance(0, observed(primary())), instance(1, observed(ahead))]));
    expect(facts).toMatchObject({ lagged: false, caughtUp: true });
  });

  test('a clock that is behind hides none', () => {
    const late = replica(1, { clockOffsetMs: -90_000, heartbeatAgeMs: 100 });
    const [, facts] = describeInstances(scene([instance(0, observed(primary())), instance(1, observed(late))]));
    expect(facts).toMatchObject({ lagged: true, caughtUp: false });
  });
});
