import { parseArgs } from 'node:util';
import { explore } from './explorer.ts';
import { healthyWorld } from './start.ts';
import { today } from './subject.ts';
import type { Budget } from './world.ts';

const usage = `npm run explore -- [--instances 3|5] [--depth N] [--budget SECONDS] [--faults KIND=N,...]

Walks through what can happen to a cluster, in every order, and stops at the first violation with the shortest way there.
Kinds and their defaults: writes=1,crashes=1,engineCrashes=1; also losses, hangs, cuts, blinds, enginePauses, believers,
departures, resizes.
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

function run(): number {
  const { values } = parseArgs({
    options: {
      instances: { type: 'string', default: '3' },
      depth: { type: 'string', default: '1000' },
      budget: { type: 'string', default: '60' },
      faults: { type: 'string', default: 'writes=1,crashes=1,engineCrashes=1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const instances = Number(values.instances);
  if (instances !== 3 && instances !== 5) throw new RangeError('--instances: 3 or 5');
  const limits = { depth: Number(values.depth), budgetMs: Number(values.budget) * 1_000, states: 20_000_000 };
  const { states, ms, depth, complete, counterexample } = explore(
    healthyWorld(instances, budgetOf(values.faults)),
    today,
    limits,
  );
  const rate = Math.round((states / ms) * 1_000);
  const how = complete ? 'all there are' : counterexample ? 'until the violation' : 'until a limit';
  process.stdout.write(`${String(states)} states, ${how}; depth ${String(depth)}; ${String(rate)} states/s\n`);
  if (!counterexample) return 0;
  const steps = counterexample.trace.map((label, index) => `${String(index + 1).padStart(4)}  ${label}`);
  process.stdout.write(`${[counterexample.problem, ...steps].join('\n')}\n`);
  return 1;
}

try {
  process.exitCode = run();
} catch (error: unknown) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
