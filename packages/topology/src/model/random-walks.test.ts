import { expect, test } from '@jest/globals';
import { plantedBugs } from './planted-bugs.ts';
import { walkRandomly } from './random-walks.ts';
import { healthyWorld } from './start.ts';
import { today } from './subject.ts';

const budget = {
  writes: 3,
  crashes: 2,
  hangs: 1,
  cuts: 1,
  engineCrashes: 1,
  enginePauses: 1,
  believers: 2,
  departures: 1,
  resizes: 1,
};

test.each([3, 5])(
  'whatever happens to %i instances, however often, in whatever order',
  (instances) => {
    const { counterexample, states } = walkRandomly([healthyWorld(instances, budget)], today, {
      walks: 60,
      length: 150,
    });
    expect(counterexample).toBeUndefined();
    expect(states).toBeGreaterThan(1_000);
  },
  150_000,
);

test('a mistake is found, and told in few steps', () => {
  const bug = plantedBugs.find(({ name }) => name.startsWith('no record of a reopen'));
  if (!bug) throw new Error('no such bug');
  const { counterexample } = walkRandomly([bug.world], bug.subject, { walks: 2_000, length: 30, seed: 1 });
  expect(counterexample?.problem).toMatch(/acknowledge/);
  expect(counterexample?.trace.length).toBeLessThan(60);
}, 150_000);
