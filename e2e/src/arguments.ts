import { parseArgs } from 'node:util';

export interface Arguments {
  readonly names: readonly string[];
  readonly help: boolean;
  readonly list: boolean;
  /** The scenarios of the matrix alone, each fault once unless told otherwise. */
  readonly matrix: boolean;
  /** The clusters of the scenarios stay. */
  readonly keep: boolean;
  /** A cluster of its own for every scenario. */
  readonly fresh: boolean;
  readonly json: string | undefined;
  /** Folder for the journals of the scenarios. */
  readonly journals: string | undefined;
  readonly rounds: number | undefined;
}

export const usage = `npm run e2e -- [names …] [--list] [--matrix] [--json FILE] [--journals DIR] [--rounds N] [--fresh] [--keep]

  names       the scenarios to run; all of them without any
  --list      names the scenarios and ends
  --matrix    every fault once, and what came of each in one table
  --json FILE writes one JSON object a scenario, a line each
  --journals DIR
              writes what the engines decided in each scenario to DIR/SCENARIO.jsonl, for npm run replay
  --rounds N  repeats each fault N times
  --fresh     gives every scenario a new cluster (else those that leave theirs healthy share one)
  --keep      leaves the scenarios' namespaces behind`;

/** What the command line may name: the scenarios, and those of them that make up the matrix. */
export interface Known {
  readonly all: readonly string[];
  readonly matrix: readonly string[];
}

/** Throws an error that says what is wrong with the command line. */
export function readArguments(argv: readonly string[], known: Known): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      matrix: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      json: { type: 'string' },
      journals: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const names = positionals.flatMap((text) => text.split(',')).filter((name) => name !== '');
  const unknown = names.filter((name) => !known.all.includes(name));
  if (unknown.length > 0)
    throw new Error(`There is no scenario ${unknown.join(', ')}. There are: ${known.all.join(', ')}.`);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds must be a whole number above 0, not ${values.rounds}`);
  const everything = values.matrix ? known.matrix : known.all;
  return {
    names: names.length === 0 ? everything : names,
    help: values.help,
    list: values.list,
    matrix: values.matrix,
    keep: values.keep,
    fresh: values.fresh,
    json: values.json,
    journals: values.journals,
    rounds: rounds ?? (values.matrix ? 1 : undefined),
  };
}
