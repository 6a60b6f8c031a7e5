import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AckStep, nextAckStep } from './ack-step.ts';
import { ackersFor } from './ackers.ts';
import { defaultPolicy } from './policy.ts';
import { fullAcks, membersToSee } from './quorum.ts';
import type { AckSet, Durability, InstanceEvidence, Snapshot } from './snapshot.ts';
import { instance, nameOf, observed, primary, refused, replica, scene } from './testing/scene.ts';

const otherZone = { ...defaultPolicy, ackZones: 'other' as const };

/** Zones by ordinal, '' for one that nobody knows; the first is the primary's. */
function placed(zones: readonly string[], change: Parameters<typeof scene>[1] = {}): Snapshot {
  const instances = zones.map((zone, index) =>
    instance(index, observed(index === 0 ? primary() : replica(index)), zone === '' ? {} : { zone }),
  );
  return scene(instances, { wantedReplicas: zones.length, policy: otherZone, ...change });
}

const names = (snapshot: Snapshot): string[] =>
  snapshot.instances.filter(ackersFor(snapshot, nameOf(0)).mayAcknowledge).map(({ name }) => name);

describe('whose acknowledgements count', () => {
  test.each([
    { zones: ['a', 'b', 'c'], counts: [1, 2], k: 1 },
    { zones: ['a', 'a', 'b'], counts: [2], k: 1 },
    { zones: ['a', 'a', 'b', 'b', 'c'], counts: [2, 3, 4], k: 2 },
    { zones: ['a', 'a', 'a', 'a', 'b'], counts: [4], k: 1 },
    { zones: ['a', 'b', '', '', ''], counts: [1], k: 2 },
  ])('primary in $zones.0 of $zones: $counts, k = $k', ({ zones, counts, k }) => {
    const snapshot = placed(zones);
    expect(names(snapshot)).toEqual(counts.map(nameOf));
    expect(ackersFor(snapshot, nameOf(0))).toMatchObject({ wantedK: k });
  });

  test.each([
    { zones: ['a', 'a', 'a'], why: 'all instances are in zone a' },
    { zones: ['', 'a', 'b'], why: 'the zone of db-mysql-0 is not known' },
  ])('the rule is given up for $zones, and said to be', ({ zones, why }) => {
    const snapshot = placed(zones, { durability: 'required' });
    expect(names(snapshot)).toEqual([1, 2].map(nameOf));
    expect(ackersFor(snapshot, nameOf(0)).zonesGivenUp).toBe(why);
  });

  test('while the other zone is away: preferred takes the own zone, required waits', () => {
    const away = (durability: Durability) => {
      const { instances, ...rest } = placed(['a', 'a', 'b'], { durability });
      return { ...rest, instances: instances.map((one) => (one.ordinal === 2 ? { ...one, contact: refused } : one)) };
    };
    expect(names(away('preferred'))).toEqual([1, 2].map(nameOf));
    expect(names(away('required'))).toEqual([nameOf(2)]);
    expect(ackersFor(away('required'), nameOf(0))).toMatchObject({ wantedK: 1 });
  });

  test('nobody acknowledges with mode: async', () => {
    const snapshot = scene(undefined, { policy: { ...defaultPolicy, mode: 'async' } });
    expect(names(snapshot)).toEqual([]);
  });

  test('an instance that follows another by order hears second hand', () => {
    const instances = [{ name: nameOf(2), promotionRule: 'neutral' as const, follows: nameOf(1) }];
    const snapshot = scene(undefined, { policy: { ...defaultPolicy, instances } });
    expect(names(snapshot)).toEqual([nameOf(1)]);
  });
});

/** What is in force on the servers, as far as acknowledgements are concerned. */
interface World {
  readonly recorded: AckSet;
  readonly k: number;
  readonly acknowledging: ReadonlySet<string>;
}

/** A step as `apply-ack-step` does it: the states between its two halves count too. */
function statesOf(step: AckStep, world: World): readonly World[] {
  const { recorded, acknowledging } = world;
  switch (step.do) {
    case 'add-member': {
      const listed = { ...world, recorded: { ...recorded, members: [...recorded.members, step.instance] } };
      return [listed, { ...listed, acknowledging: new Set([...acknowledging, step.instance]) }];
    }
    case 'enable-member':
      return [{ ...world, acknowledging: new Set([...acknowledging, step.instance]) }];
    case 'silence-stranger':
      return [{ ...world, acknowledging: without(acknowledging, step.instance) }];
    case 'raise-k':
      return [
        { ...world, k: step.k },
        { ...world, k: step.k, recorded: { ...recorded, k: step.k } },
      ];
    case 'lower-k':
      return [
        { ...world, recorded: { ...recorded, k: step.k } },
        { ...world, k: step.k, recorded: { ...recorded, k: step.k } },
      ];
    case 'enforce-k':
      return [{ ...world, k: step.k }];
    case 'remove-member': {
      const silenced = { ...world, acknowledging: without(acknowledging, step.instance) };
      const members = recorded.members.filter((name) => name !== step.instance);
      return [silenced, { ...silenced, recorded: { ...recorded, members } }];
    }
    default:
      return step satisfies never;
  }
}

const without = (names: ReadonlySet<string>, name: string): ReadonlySet<string> =>
  new Set([...names].filter((one) => one !== name));

interface Setting {
  readonly zones: readonly string[];
  readonly wanted: number;
  readonly durability: Durability;
  readonly mode: 'semiSync' | 'async';
  readonly ackZones: 'any' | 'other';
}

function seen({ zones, wanted, durability, mode, ackZones }: Setting, world: World): Snapshot {
  const instances = zones.map((zone, index): InstanceEvidence => {
    const acknowledges = world.acknowledging.has(nameOf(index));
    const view =
      index === 0
        ? primary({ semiSyncSource: world.k > 0, semiSyncWaitFor: Math.max(world.k, 1), semiSyncClients: 9 })
        : replica(index, { semiSyncReplica: acknowledges });
    return instance(index, observed(view), { zone, leaving: index >= wanted });
  });
  return scene(instances, {
    wantedReplicas: wanted,
    durability,
    policy: { ...defaultPolicy, mode, ackZones },
    recorded: { ackSet: world.recorded },
  });
}

const setting = (count: number): fc.Arbitrary<Setting> =>
  fc.record({
    zones: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: count, maxLength: count }),
    wanted: fc.integer({ min: 1, max: count }),
    durability: fc.constantFrom('preferred' as const, 'required' as const),
    mode: fc.constantFrom('semiSync' as const, 'semiSync' as const, 'async' as const),
    ackZones: fc.constantFrom('any' as const, 'other' as const),
  });

/** From any setting to any other, step by step, until there is nothing left to do. */
function walk(settings: readonly Setting[], check: (world: World) => void): { world: World; last: Snapshot } {
  let world: World = { recorded: { members: [], k: 0 }, k: 0, acknowledging: new Set() };
  let last = seen(settings[0] as Setting, world);
  for (const one of settings) {
    for (let steps = 0; ; steps += 1) {
      last = seen(one, world);
      const step = nextAckStep(last);
      if (!step) break;
      if (steps > 60) throw new Error(`no end: ${JSON.stringify(step)}`);
      for (const state of statesOf(step, world)) {
        world = state;
        check(world);
      }
    }
  }
  return { world, last };
}

describe('from one ack set to another', () => {
  const manySettings = fc
    .integer({ min: 1, max: 6 })
    .chain((count) => fc.array(setting(count), { minLength: 1, maxLength: 4 }));

  test('what is recorded is never less demanding than what is in force, at no moment', () => {
    fc.assert(
      fc.property(manySettings, (settings) => {
        walk(settings, ({ recorded, k, acknowledging }) => {
          expect(recorded.k).toBeLessThanOrEqual(k);
          // Only members acknowledge: R counts everybody who may have told a client.
          for (const name of acknowledging) expect(recorded.members).toContain(name);
        });
      }),
      { numRuns: 2_000 },
    );
  });

  test('it ends, with as many acknowledgements as the setting can have, and only from where they count', () => {
    fc.assert(
      fc.property(manySettings, (settings) => {
        const { world, last } = walk(settings, () => undefined);
        const { mayAcknowledge, wantedK } = ackersFor(last, nameOf(0));
        const able = last.instances.filter((one) => !one.leaving && mayAcknowledge(one)).map(({ name }) => name);
        expect(world.recorded.k).toBe(Math.min(wantedK, able.length));
        expect([...world.acknowledging].sort()).toEqual([...world.recorded.members].sort());
        const strangers = world.recorded.members.filter((name) => !able.includes(name));
        // A member that is not to acknowledge stays only as long as commits could not do without it.
        if (strangers.length > 0) expect(world.recorded.members.length).toBeLessThanOrEqual(world.recorded.k);
      }),
      { numRuns: 2_000 },
    );
  });

  test('the loss of the zone of the primary leaves all of an acknowledged commit, and enough to see it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 7 }).chain((count) => setting(count)),
        (one) => {
          const { world, last } = walk(
            [{ ...one, wanted: one.zones.length, ackZones: 'other', mode: 'semiSync' }],
            () => undefined,
          );
          const { zonesGivenUp } = ackersFor(last, nameOf(0));
          fc.pre(zonesGivenUp === undefined && fullAcks(one.zones.length) > 0);
          const left = world.recorded.members.filter(
            (name) => one.zones[Number(name.split('-').at(-1))] !== one.zones[0],
          );
          expect(left).toEqual(world.recorded.members);
          expect(left.length).toBeGreaterThanOrEqual(membersToSee(world.recorded));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('1 → 3 → 5 → 3 → 1 instances', () => {
    const of = (wanted: number): Setting => ({
      zones: ['a', 'b', 'c', 'a', 'b'],
      wanted,
      durability: 'required',
      mode: 'semiSync',
      ackZones: 'any',
    });
    const ks: number[] = [];
    let world: World | undefined;
    for (const path of [[1], [1, 3], [1, 3, 5], [1, 3, 5, 3], [1, 3, 5, 3, 1]]) {
      world = walk(path.map(of), () => undefined).world;
      ks.push(world.recorded.k);
    }
    expect(ks).toEqual([0, 1, 2, 1, 0]);
    expect(world?.recorded.members).toEqual([]);
  });
});
