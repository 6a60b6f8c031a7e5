import { expect, test } from '@jest/globals';
import { plantedBugs } from './planted-bugs.ts';
import { walkBudget, walkLength, walkRandomly } from './random-walks.ts';
import { healthyWorld } from './start.ts';
import { today } from './subject.ts';

test.each([3, 5])(
  'whatever happens to %i instances, however often, in whatever order',
  (instances) => {
    const { counterexample, states } = walkRandomly([healthyWorld(instances, walkBudget)], today, {
      walks: 60,
      // The same walks each time; `npm run explore` takes others.
      seed: 1_000 + instances,
      length: walkLength,
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
