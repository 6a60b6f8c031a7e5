import { writeFileSync } from 'node:fs';
import { readArguments, usage } from './arguments.ts';
import { connectEnvironment } from './harness/environment.ts';
import type { ScenarioResult } from './harness/findings.ts';
import { messageOf } from './harness/wait-for.ts';
import { resultTable } from './report.ts';
import { scenarios } from './scenarios/index.ts';
import { StageManager } from './stage-manager.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const known = scenarios.map(({ name }) => name);
  let args: ReturnType<typeof readArguments>;
  try {
    args = readArguments(argv, known);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  if (args.list) {
    for (const { name, summary } of scenarios) console.log(`${name.padEnd(30)} ${summary}`);
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
  console.log(`\n${resultTable(results).join('\n')}`);
  for (const { scenario, folder } of manager.diagnoses)
    console.log(`What was seen of ${scenario} when it failed: ${folder}`);
  return results.every(({ ok }) => ok) ? 0 : 1;
}
