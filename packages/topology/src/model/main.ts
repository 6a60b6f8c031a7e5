import { parseArgs } from 'node:util';
import { type Exploration, explore } from './explorer.ts';
import { type Walks, walkBudget, walkLength, walkRandomly } from './random-walks.ts';
import { healthyWorld } from './start.ts';
import { today } from './subject.ts';
import type { Budget } from './world.ts';

const usage = `npm run explore -- [--instances 3|5] [--depth N] [--budget SECONDS] [--faults KIND=N,...] [--walks N] [--seed N]

Walks through what can happen to a cluster, in every order, nearest first, and stops at the first violation with the shortest way
there; then takes N walks at random, with more faults in each. Without --instances: three, then five, each for its budget.
Kinds and their defaults: writes=1,crashes=1,engineCrashes=1,believers=1; also losses, hangs, cuts, blinds, enginePauses, departures,
resizes.
`;

const kinds = Object.keys(healthyWorld(3, {}).budget);

/** @throws RangeError for a kind that there is none of, or a number that is none */
function budgetOf(text: string): Partial<Budget> {
  const pairs = text.split(',').map((part) => {
    const [kind = '', count = ''] = part.split('=');
    if (!kinds.includes(kind) || !/^\d+$/.test(count)) throw new RangeError(`--faults: ${part}`);
    return [kind, Number(count)] as const;
  });
  return Object.fromEntries(pairs);
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function tell({ counterexample }: Pick<Exploration | Walks, 'counterexample'>): boolean {
  if (!counterexample) return true;
  say(counterexample.problem);
  for (const [index, label] of counterexample.trace.entries()) say(`${String(index + 1).padStart(4)}  ${label}`);
  return false;
}

const rateOf = (states: number, ms: number): string => `${String(Math.round((states / ms) * 1_000))} states/s`;

function exploreWith(instances: 3 | 5, faults: string, depth: number, seconds: number): boolean {
  const limits = { depth, budgetMs: seconds * 1_000, states: 20_000_000 };
  const result = explore(healthyWorld(instances, budgetOf(faults)), today, limits);
  const how = result.complete ? 'all there are' : result.counterexample ? 'until the violation' : 'until a limit';
  const { states, depth: reached, ms } = result;
  say(
    `${String(instances)} instances, ${faults}: ${String(states)} states, ${how}; depth ${String(reached)}; ${rateOf(states, ms)}`,
  );
  return tell(result);
}

function walkWith(instances: readonly (3 | 5)[], walks: number, seed: number | undefined): boolean {
  if (walks === 0) return true;
  const starts = instances.map((count) => healthyWorld(count, walkBudget));
  const result = walkRandomly(starts, today, { walks, length: walkLength, ...(seed !== undefined && { seed }) });
  const { states, ms, counterexample } = result;
  const what = `${String(result.walks)} random walks over ${instances.join(' and ')} instances`;
  say(
    `${what}: ${String(states)} states; ${rateOf(states, ms)}${counterexample ? `; seed ${String(counterexample.seed)}` : ''}`,
  );
  return tell(result);
}

function run(): number {
  const { values } = parseArgs({
    options: {
      instances: { type: 'string' },
      depth: { type: 'string', default: '1000' },
      budget: { type: 'string', default: '60' },
      faults: { type: 'string', default: 'writes=1,crashes=1,engineCrashes=1,believers=1' },
      walks: { type: 'string', default: '1000' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(usage);
    return 0;
  }
  const given = values.instances === undefined ? [3, 5] : [Number(values.instances)];
  const instances = given.filter((count) => count === 3 || count === 5);
  if (instances.length === 0) throw new RangeError('--instances: 3 or 5');
  const explored = instances.every((count) =>
    exploreWith(count, values.faults, Number(values.depth), Number(values.budget)),
  );
  const seed = values.seed === undefined ? undefined : Number(values.seed);
  return explored && walkWith(instances, Number(values.walks), seed) ? 0 : 1;
}

try {
  process.exitCode = run();
} catch (error: unknown) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
