import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from './decide.ts';
import { defaultPolicy, type FailoverPolicy, type InstancePolicy } from './policy.ts';
import type { InstanceEvidence, Snapshot } from './snapshot.ts';
import {
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
  view,
} from './testing/scene.ts';

const replicas = [instance(1, observed(lostSource(1))), instance(2, observed(lostSource(2)))];

interface Wishes {
  readonly failover?: Partial<FailoverPolicy>;
  readonly instances?: readonly InstancePolicy[];
}

function dead({ failover, instances = [] }: Wishes, others: readonly InstanceEvidence[] = replicas): Snapshot {
  const policy = { ...defaultPolicy, failover: { ...defaultPolicy.failover, ...failover }, instances };
  return scene([instance(0, refused, { detachedMs: 4_000 }), ...others], { policy });
}

/** Both have the newest transactions, and have applied all but ten of them. */
const behind = [1, 2].map((index) =>
  instance(
    index,
    observed({
      ...lostSource(index, { received: gtids('a:1-20') }),
      executed: gtids('a:1-10'),
      heartbeatAgeMs: 34_000,
    }),
  ),
);

const stoppedAppliers = behind.map((evidence, index) =>
  instance(
    index + 1,
    observed({ ...lostSource(index + 1, { received: gtids('a:1-20'), applier: 'OFF' }), heartbeatAgeMs: 34_000 }),
    { detachedMs: evidence.detachedMs },
  ),
);

const ann = { by: 'ann', reason: 'new disks' };

interface Row {
  readonly name: string;
  readonly snapshot: Snapshot;
  /** Absent: a failover. */
  readonly hold?: string;
  readonly says?: RegExp;
  readonly nextMs?: number;
}

const rows: readonly Row[] = [
  { name: 'nobody wants anything', snapshot: dead({}) },
  {
    name: 'failovers are paused',
    snapshot: dead({ failover: { paused: ann } }),
    hold: 'FailoverPaused',
    says: /paused by ann \(new disks\)/,
  },
  {
    name: 'failovers are paused for a while',
    snapshot: dead({ failover: { paused: { ...ann, endsInMs: 9_000 } } }),
    hold: 'FailoverPaused',
    nextMs: 9_000,
  },
  {
    name: 'primaries are not recovered',
    snapshot: dead({ failover: { recoverPrimary: false } }),
    hold: 'RecoveryDisabled',
    says: /recoverPrimary is false/,
  },
  {
    name: 'the primary is in downtime',
    snapshot: dead({
      instances: [{ name: nameOf(0), promotionRule: 'neutral', downtime: { ...ann, endsInMs: 8_000 } }],
    }),
    hold: 'PrimaryInDowntime',
    says: /trouble with db-mysql-0 is announced by ann/,
    nextMs: 8_000,
  },
  {
    name: 'another instance is in downtime',
    snapshot: dead({ instances: [{ name: nameOf(2), promotionRule: 'neutral', downtime: ann }] }),
  },
  {
    name: 'the same primary failed within the block',
    snapshot: dead({ failover: { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(0), ageMs: 20_000 }] } }),
    hold: 'RecoveryBlocked',
    says: /db-mysql-0 was failed over from already within the recovery block of 60 s/,
    nextMs: 40_000,
  },
  {
    name: 'the same primary failed before the block',
    snapshot: dead({ failover: { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(0), ageMs: 60_000 }] } }),
  },
  {
    name: 'another primary failed within the block: that was another failure',
    snapshot: dead({ failover: { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(1), ageMs: 1_000 }] } }),
  },
  {
    name: 'the data of a primary that failed within the block is gone: it is not waited for',
    snapshot: scene([instance(0, observed(view(0, { executed: gtids('') }))), ...replicas], {
      policy: {
        ...defaultPolicy,
        failover: {
          ...defaultPolicy.failover,
          recoveryBlockMs: 60_000,
          failures: [{ instance: nameOf(0), ageMs: 1_000 }],
        },
      },
    }),
  },
  {
    name: 'the delay has not passed',
    snapshot: dead({ failover: { delayMs: 10_000 } }),
    hold: 'FailoverDelayed',
    says: /the failover delay of 10 s/,
    nextMs: 6_000,
  },
  { name: 'the delay has passed', snapshot: dead({ failover: { delayMs: 4_000 } }) },
  { name: 'the candidate has much to apply', snapshot: dead({}, behind) },
  {
    name: 'the candidate has something to apply, and that is waited for',
    snapshot: dead({ failover: { whenBehind: 'hold' } }, behind),
    hold: 'CandidateBehind',
    says: /db-mysql-1 has not applied all that it has received/,
  },
  {
    name: 'the candidate is further behind than the limit',
    snapshot: dead({ failover: { maxLagMs: 20_000 } }, behind),
    hold: 'CandidateBehind',
    says: /more than 20 s behind/,
  },
  { name: 'the candidate is within the limit', snapshot: dead({ failover: { maxLagMs: 30_000 } }, behind) },
  {
    name: 'the applier of the candidate is stopped: waiting would be for nothing',
    snapshot: dead({ failover: { whenBehind: 'hold', maxLagMs: 0 } }, stoppedAppliers),
  },
  {
    name: 'every candidate is forbidden',
    snapshot: dead({ instances: [1, 2].map((index) => ({ name: nameOf(index), promotionRule: 'mustNot' as const })) }),
    hold: 'PromotionForbidden',
    says: /db-mysql-1 must not be promoted; db-mysql-2 must not be promoted/,
  },
  {
    name: 'too few answer: the data is spoken of first',
    snapshot: dead({ failover: { paused: ann } }, [instance(1, observed(lostSource(1))), instance(2, silent(5_000))]),
    hold: 'TooFewWitnesses',
  },
];

describe('a dead primary, and', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_name, { snapshot, hold, says, nextMs }) => {
    const decision = decide(snapshot);
    expect(decision.plan?.kind).toBe(hold === undefined ? 'failover' : undefined);
    expect(decision.hold?.reason).toBe(hold);
    expect(decision.hold?.next?.afterMs).toBe(nextMs);
    if (says) expect(decision.hold?.message).toMatch(says);
    if (hold) expect(decision.hold?.lifts).not.toBe('');
  });
});

test('a primary that is closed and has its data is opened again, whatever holds a failover up', () => {
  const snapshot = dead({ failover: { paused: ann, recoverPrimary: false, delayMs: 60_000 } });
  const back = instance(0, observed(view(0)));
  expect(decide({ ...snapshot, instances: [back, ...replicas] }).plan?.kind).toBe('reopen');
});

test('a switchover does not wait for an allowed replica to be looked at at the same moment as a forbidden one', () => {
  const leaving = instance(0, observed(primary({ executed: gtids('a:1-22') })), { leaving: true });
  const following = [1, 2].map((index) => {
    const received = gtids(`a:1-2${String(index)}`);
    return instance(index, observed({ ...replica(index), replication: follows(0, { received }), executed: received }));
  });
  const instances = [{ name: nameOf(2), promotionRule: 'mustNot' as const }];
  const { plan } = decide(scene([leaving, ...following], { policy: { ...defaultPolicy, instances } }));
  expect(plan).toMatchObject({ kind: 'switchover', to: nameOf(1) });
});

test('however a cluster flaps, each instance is failed over from at most once within a block', () => {
  const steps = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 5_000 }) }), { maxLength: 30 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1_000, max: 60_000 }), (deaths, recoveryBlockMs) => {
      let primary = 0;
      let now = 0;
      const failedAt = new Map<string, number>();
      for (const { afterMs } of deaths) {
        now += afterMs;
        const failures = [...failedAt].map(([name, at]) => ({ instance: name, ageMs: now - at }));
        const others = [0, 1, 2].filter((index) => index !== primary);
        const { plan } = decide(deadAgain(primary, others, { recoveryBlockMs, failures }));
        if (!plan) continue;
        const last = failedAt.get(nameOf(primary));
        if (last !== undefined) expect(now - last).toBeGreaterThanOrEqual(recoveryBlockMs);
        failedAt.set(nameOf(primary), now);
        primary = Number(plan.to.split('-').at(-1));
      }
    }),
    { numRuns: 300 },
  );
});

/** One of three is dead, the others are back and well. */
function deadAgain(primary: number, others: readonly number[], failover: Partial<FailoverPolicy>): Snapshot {
  const policy = { ...defaultPolicy, failover: { ...defaultPolicy.failover, ...failover } };
  const members = others.map(nameOf);
  const following = others.map((index) => instance(index, observed(lostSource(index))));
  return scene([instance(primary, refused), ...following], {
    policy,
    recorded: { primary: nameOf(primary), ackSet: { members, k: 1 } },
  });
}
