import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { readArguments, usage } from './arguments.ts';
import { connectEnvironment } from './harness/environment.ts';
import type { ScenarioResult } from './harness/findings.ts';
import type { Scenario } from './harness/scenario.ts';
import { messageOf } from './harness/wait-for.ts';
import { matrixTable, resultTable, splitTable } from './report.ts';
import { scenarios } from './scenarios/index.ts';
import { StageManager } from './stage-manager.ts';

const nameOf = ({ name }: Scenario): string => name;
const isOfMatrix = ({ expectation }: Scenario): boolean => expectation !== undefined;

// The cluster may be on this very machine: who watches it, and the probers that it starts, must not hold it up.
setPriority(10);
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const known = { all: scenarios.map(nameOf), matrix: scenarios.filter(isOfMatrix).map(nameOf) };
  let args: ReturnType<typeof readArguments>;
  try {
    args = readArguments(argv, known);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (args.help) {
    console.log(usage);
    return 0;
  }
  if (args.list) {
    const listed = scenarios.filter((scenario) => !args.matrix || isOfMatrix(scenario));
    for (const { name, summary } of listed) console.log(`${name.padEnd(30)} ${summary}`);
    return 0;
  }
  const env = await connectEnvironment();
  const manager = new StageManager(env, args, (line) => {
    console.log(line);
  });
  const results: ScenarioResult[] = [];
  try {
    for (const scenario of scenarios.filter(({ name }) => args.names.includes(name))) {
      const result = await manager.run(scenario);
      results.push(result);
      console.log(`[${scenario.name}] ${result.ok ? 'passed' : `FAILED: ${result.error}`}`);
      if (args.json !== undefined) writeFileSync(args.json, results.map((one) => `${JSON.stringify(one)}\n`).join(''));
    }
  } finally {
    await manager.close();
    env.kube.close();
  }
  const table = args.matrix ? matrixTable(results, scenarios) : resultTable(results);
  for (const lines of [table, splitTable(results)]) if (lines.length > 0) console.log(`\n${lines.join('\n')}`);
  for (const { scenario, error } of results.filter(({ ok }) => !ok)) console.log(`\n${scenario} FAILED: ${error}`);
  for (const { scenario, folder } of manager.diagnoses)
    console.log(`What was seen of ${scenario} when it failed: ${folder}`);
  return results.every(({ ok }) => ok) ? 0 : 1;
}
