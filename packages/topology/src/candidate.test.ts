import { describe, expect, test } from '@jest/globals';
import type { GtidSet } from '@pilotfish/gtid';
import fc from 'fast-check';
import { type CandidateChoice, type Choosing, chooseCandidate } from './candidate.ts';
import { defaultPolicy, type FailoverPolicy, type InstancePolicy, type Policy, type PromotionRule } from './policy.ts';
import { heldBy, type InstanceEvidence, viewOf } from './snapshot.ts';
import { gtids, instance, lostSource, nameOf, observed, refused } from './testing/scene.ts';

function policy(instances: readonly InstancePolicy[], failover: Partial<FailoverPolicy> = {}): Policy {
  return { ...defaultPolicy, failover: { ...defaultPolicy.failover, ...failover }, instances };
}

const rule = (index: number, promotionRule: PromotionRule): InstancePolicy => ({ name: nameOf(index), promotionRule });

/** `a:1-0` to `a:1-21`, parsed once. */
const upToNumber = Array.from({ length: 22 }, (_, last) => gtids(last === 0 ? '' : `a:1-${String(last)}`));
const firstOnes = (last: number): GtidSet => upToNumber[last] ?? gtids('');

/** A replica that has received up to a number of its source's transactions, and applied all but some. */
function holding(index: number, upTo: number, change: Partial<InstanceEvidence> & { unapplied?: number } = {}) {
  const { unapplied = 0, ...evidence } = change;
  const view = lostSource(index, { received: firstOnes(upTo) });
  return instance(index, observed({ ...view, executed: firstOnes(upTo - unapplied) }), evidence);
}

const broken = (index: number, upTo: number): InstanceEvidence =>
  instance(index, observed(lostSource(index, { received: firstOnes(upTo), applierErrno: 1032 })));

const downtime = { by: 'ann', reason: 'disk', endsInMs: 60_000 };
const from = instance(0, refused, { zone: 'z1', region: 'r1', detachedMs: 2_000 });

interface Row {
  readonly name: string;
  readonly seen: readonly InstanceEvidence[];
  readonly choosing?: Partial<Choosing>;
  readonly to?: string;
  readonly via?: string;
  readonly none?: RegExp;
}

const rows: readonly Row[] = [
  { name: 'the lower ordinal among equals', seen: [holding(2, 20), holding(1, 20)], to: nameOf(1) },
  { name: 'the one that holds more', seen: [holding(1, 20), holding(2, 21)], to: nameOf(2) },
  { name: 'less left to apply', seen: [holding(1, 20, { unapplied: 5 }), holding(2, 20)], to: nameOf(2) },
  {
    name: 'one that stays',
    seen: [holding(1, 20, { leaving: true }), holding(2, 20, { unapplied: 5 })],
    to: nameOf(2),
  },
  {
    name: 'a preferred one',
    seen: [1, 2].map((i) => holding(i, 20)),
    choosing: { policy: policy([rule(2, 'prefer')]) },
    to: nameOf(2),
  },
  {
    name: 'anybody rather than one that is not preferred',
    seen: [1, 2].map((i) => holding(i, 20)),
    choosing: { policy: policy([rule(1, 'preferNot')]) },
    to: nameOf(2),
  },
  {
    name: 'the data before a preference',
    seen: [holding(1, 20), holding(2, 19)],
    choosing: { policy: policy([rule(2, 'prefer'), rule(1, 'preferNot')]), canFetch: true },
    to: nameOf(1),
  },
  {
    name: 'one that stays before a preference',
    seen: [holding(1, 20, { leaving: true }), holding(2, 20)],
    choosing: { policy: policy([rule(1, 'prefer')]) },
    to: nameOf(2),
  },
  {
    name: 'one in downtime last',
    seen: [1, 2].map((i) => holding(i, 20)),
    choosing: { policy: policy([{ ...rule(1, 'prefer'), downtime }]) },
    to: nameOf(2),
  },
  {
    name: 'one in downtime when it alone holds everything',
    seen: [holding(1, 21), holding(2, 20)],
    choosing: { policy: policy([{ ...rule(1, 'neutral'), downtime }]) },
    to: nameOf(1),
  },
  {
    name: 'not one that has just failed itself',
    seen: [1, 2].map((i) => holding(i, 20)),
    choosing: { policy: policy([], { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(1), ageMs: 30_000 }] }) },
    to: nameOf(2),
  },
  {
    name: 'one that failed longer ago than the block',
    seen: [1, 2].map((i) => holding(i, 20)),
    choosing: { policy: policy([], { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(1), ageMs: 61_000 }] }) },
    to: nameOf(1),
  },
  {
    name: 'a preferred one only if it is not far behind',
    seen: [
      instance(1, observed({ ...lostSource(1, { received: gtids('a:1-20') }), heartbeatAgeMs: 60_000 })),
      holding(2, 20),
    ],
    choosing: { policy: policy([rule(1, 'prefer')]) },
    to: nameOf(2),
  },
  {
    name: 'the forbidden one passes on what it alone holds',
    seen: [holding(1, 21), holding(2, 20)],
    choosing: { policy: policy([rule(1, 'mustNot')]), canFetch: true },
    to: nameOf(2),
    via: nameOf(1),
  },
  {
    name: 'nobody when the forbidden one alone holds everything and the plan can not fetch it',
    seen: [holding(1, 21), holding(2, 20)],
    choosing: { policy: policy([rule(1, 'mustNot')]) },
    none: /db-mysql-1 holds more than those that can lead \(db-mysql-2\)/,
  },
  {
    name: 'what an instance holds whose server is about to end is passed on first',
    seen: [holding(1, 21, { ending: true }), holding(2, 20)],
    choosing: { canFetch: true },
    to: nameOf(2),
    via: nameOf(1),
  },
  {
    name: 'the one that is wanted, which gets the rest from another first',
    seen: [holding(1, 21), holding(2, 20)],
    choosing: { canFetch: true, wanted: nameOf(2) },
    to: nameOf(2),
    via: nameOf(1),
  },
  {
    name: 'the one that is wanted as it is, when it lacks nothing',
    seen: [holding(1, 20), holding(2, 20, { unapplied: 5 })],
    choosing: { canFetch: true, wanted: nameOf(2) },
    to: nameOf(2),
  },
  {
    name: 'another than the one that is wanted, when that one must not lead',
    seen: [holding(1, 20), holding(2, 20)],
    choosing: { policy: policy([rule(2, 'mustNot')]), canFetch: true, wanted: nameOf(2) },
    to: nameOf(1),
  },
  {
    name: 'another than the one that is wanted, when the plan can not fetch what it lacks',
    seen: [holding(1, 21), holding(2, 20)],
    choosing: { wanted: nameOf(2) },
    to: nameOf(1),
  },
  {
    name: 'what only a broken replica holds is not given up',
    seen: [broken(1, 21), holding(2, 20)],
    choosing: { canFetch: true },
    none: /have diverged/,
  },
  {
    name: 'a broken replica that holds nothing more is left out',
    seen: [broken(1, 20), holding(2, 20)],
    to: nameOf(2),
  },
  {
    name: 'nobody when all are forbidden',
    seen: [holding(1, 20), holding(2, 20)],
    choosing: {
      policy: policy([rule(1, 'mustNot'), { ...rule(2, 'prefer'), fenced: { by: 'ann', reason: 'look' } }]),
      canFetch: true,
    },
    none: /db-mysql-1 must not be promoted; db-mysql-2 is fenced by ann \(look\)/,
  },
  { name: 'nobody when nobody is fit', seen: [broken(1, 20)], none: /no instance that answers/ },
  {
    name: 'one of the same zone',
    seen: [holding(1, 20, { zone: 'z2' }), holding(2, 20, { zone: 'z1' })],
    choosing: { policy: policy([], { acrossZones: false }) },
    to: nameOf(2),
  },
  {
    name: 'one of the same zone, which gets the rest from another zone',
    seen: [holding(1, 21, { zone: 'z2' }), holding(2, 20, { zone: 'z1' })],
    choosing: { policy: policy([], { acrossZones: false }), canFetch: true },
    to: nameOf(2),
    via: nameOf(1),
  },
  {
    name: 'nobody of another region',
    seen: [holding(1, 20, { region: 'r2' })],
    choosing: { policy: policy([], { acrossRegions: false }) },
    none: /db-mysql-1 is in region r2, not in r1/,
  },
  {
    name: 'one whose zone nobody knows',
    seen: [holding(1, 20)],
    choosing: { policy: policy([], { acrossZones: false, acrossRegions: false }) },
    to: nameOf(1),
  },
];

describe('chooseCandidate takes', () => {
  test.each(rows.map((row) => [row.name, row] as const))('%s', (_name, { seen, choosing, to, via, none }) => {
    const choice = chooseCandidate(seen, { policy: defaultPolicy, from, ...choosing });
    expect(summary(choice)).toEqual({ to, via });
    if (none) expect(choice.kind === 'none' ? choice.reason : '').toMatch(none);
  });
});

function summary(choice: CandidateChoice): { to: string | undefined; via: string | undefined } {
  return choice.kind === 'chosen' ? { to: choice.name, via: choice.via } : { to: undefined, via: undefined };
}

const anyRule = fc.constantFrom<PromotionRule>('prefer', 'neutral', 'preferNot', 'mustNot');
const anyZone = fc.constantFrom('z1', 'z2', undefined);

/** Some replicas, each with a prefix of one history, something amiss with it, and rules about it. */
const choices = fc
  .array(
    fc.record({
      upTo: fc.integer({ min: 10, max: 14 }),
      unapplied: fc.integer({ min: 0, max: 3 }),
      isBroken: fc.boolean(),
      ending: fc.boolean(),
      leaving: fc.boolean(),
      zone: anyZone,
      promotionRule: anyRule,
      inDowntime: fc.boolean(),
      isFenced: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .chain((members) => fc.record({ members: fc.constant(members), acrossZones: fc.boolean(), canFetch: fc.boolean() }));

type Choices = typeof choices extends fc.Arbitrary<infer Value> ? Value : never;

function choose({ members, acrossZones, canFetch }: Choices) {
  const seen = members.map(({ upTo, unapplied, isBroken, ending, leaving, zone }, index) => {
    const evidence = isBroken ? broken(index + 1, upTo) : holding(index + 1, upTo, { unapplied, leaving });
    return { ...evidence, ending, ...(zone !== undefined && { zone }) };
  });
  const instances = members.map(({ promotionRule, inDowntime, isFenced }, index) => ({
    ...rule(index + 1, promotionRule),
    ...(inDowntime && { downtime }),
    ...(isFenced && { fenced: { by: 'ann', reason: 'look' } }),
  }));
  const choice = chooseCandidate(seen, { policy: policy(instances, { acrossZones }), from, canFetch });
  const chosen = choice.kind === 'chosen' ? members[Number(choice.name.split('-').at(-1)) - 1] : undefined;
  return { seen, choice, chosen };
}

const heldOf = (seen: readonly InstanceEvidence[], name: string) => {
  const view = viewOf(seen.find((candidate) => candidate.name === name));
  return view ? heldBy(view) : gtids('');
};

describe('whatever the rules', () => {
  const runs = { numRuns: 2_000 };

  test('who must not lead, is fenced, or is in a zone that the primary may not move to, is never chosen', () => {
    fc.assert(
      fc.property(choices, (given) => {
        const { chosen } = choose(given);
        fc.pre(chosen !== undefined);
        expect(chosen.promotionRule).not.toBe('mustNot');
        expect(chosen.isFenced || chosen.isBroken || chosen.ending).toBe(false);
        if (!given.acrossZones) expect(chosen.zone).not.toBe('z2');
      }),
      runs,
    );
  });

  test('who is chosen holds everything that anybody holds, or gets it from one that does before it opens', () => {
    fc.assert(
      fc.property(choices, (given) => {
        const { seen, choice } = choose(given);
        fc.pre(choice.kind === 'chosen');
        for (const { name } of seen) expect(choice.mustApply.contains(heldOf(seen, name))).toBe(true);
        expect(heldOf(seen, choice.via ?? choice.name).contains(choice.mustApply)).toBe(true);
        if (choice.via !== undefined) expect(given.canFetch).toBe(true);
      }),
      runs,
    );
  });

  test('no rule makes one win that lacks something over an allowed one that lacks nothing', () => {
    fc.assert(
      fc.property(choices, (given) => {
        const { seen, choice } = choose(given);
        const allowedAndComplete = seen.filter(({ name }, index) => {
          const member = given.members[index];
          const isAllowed = member && member.promotionRule !== 'mustNot' && !member.isFenced;
          const isFit = member && !member.isBroken && !member.ending && (given.acrossZones || member.zone !== 'z2');
          return isAllowed && isFit && seen.every((other) => heldOf(seen, name).contains(heldOf(seen, other.name)));
        });
        fc.pre(allowedAndComplete.length > 0);
        expect(choice).toMatchObject({ kind: 'chosen' });
        expect(allowedAndComplete.map(({ name }) => name)).toContain(choice.kind === 'chosen' ? choice.name : '');
      }),
      runs,
    );
  });
});
