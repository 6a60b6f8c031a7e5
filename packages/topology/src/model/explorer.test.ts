import { describe, expect, test } from '@jest/globals';
import { explore } from './explorer.ts';
import { plantedBugs, whileTakenUp } from './planted-bugs.ts';
import { blankWorld, healthyWorld } from './start.ts';
import { today } from './subject.ts';

/** Worlds, nearest first, as many on a slow machine as on a fast one; `npm run explore` goes further. */
const limits = { depth: 1_000, budgetMs: 120_000, states: 1_000 };

const keepsItsPromises = 'keeps every acknowledged write, never has two that acknowledge, and ends well: %s';

describe('the engine of today, three instances', () => {
  test.each([
    ['a crash', healthyWorld(3, { writes: 1, crashes: 1 })],
    ['two crashes', healthyWorld(3, { writes: 1, crashes: 2 })],
    ['a hang', healthyWorld(3, { writes: 1, hangs: 1 })],
    ['a partition', healthyWorld(3, { writes: 1, cuts: 1 })],
    ['a pod that is deleted, and a crash', healthyWorld(3, { writes: 1, departures: 1, crashes: 1 })],
    ['a crash in which the data is lost', healthyWorld(3, { writes: 1, crashes: 1, losses: 1 })],
    ['an engine that stands still', healthyWorld(3, { writes: 1, crashes: 1, enginePauses: 1 })],
    ['two engines that both believe', healthyWorld(3, { writes: 1, crashes: 1, believers: 1 })],
    ['a beginning, with an engine that crashes', blankWorld(2, { engineCrashes: 1 })],
    ['scaling', healthyWorld(3, { writes: 1, resizes: 1 })],
    ['an operation taken up after its new primary led for a moment', whileTakenUp()],
  ])(
    keepsItsPromises,
    (_, world) => {
      expect(explore(world, today, limits).counterexample).toBeUndefined();
    },
    150_000,
  );
});

describe('the engine of today, five instances', () => {
  test.each([
    ['two crashes', healthyWorld(5, { writes: 1, crashes: 2 })],
    ['two engines that both believe', healthyWorld(5, { writes: 1, crashes: 1, believers: 1 })],
  ])(
    keepsItsPromises,
    (_, world) => {
      expect(explore(world, today, { ...limits, states: 500 }).counterexample).toBeUndefined();
    },
    150_000,
  );
});

describe('a mistake is found', () => {
  test.each(plantedBugs.map((bug) => [bug.name, bug] as const))(
    '%s',
    (_, { subject, world }) => {
      const { counterexample } = explore(world, subject, { ...limits, states: 20_000 });
      expect(counterexample?.trace.length).toBeGreaterThan(0);
    },
    150_000,
  );
});
