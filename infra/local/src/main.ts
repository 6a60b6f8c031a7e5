import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { injectFault } from './faults.ts';
import { currentKubeconfig, kubectlOnTerminal } from './kubectl.ts';
import { LockHeldError, withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { Steps } from './steps.ts';
import { takeDown } from './teardown.ts';
import { isToolName, toolNames, toolPaths } from './tools.ts';
import { bringUp } from './up.ts';

const USAGE = `usage: node infra/local/run.mjs COMMAND
  up [--only-cluster | --no-sample]   Kubernetes, then Pilotfish on it, then a sample cluster of MySQL
  down [--purge]                      removes all of it; --purge also what is cached
  kubeconfig                          prints the path of the kubeconfig
  kubectl ARGS                        kubectl on the cluster
  fault power-off|power-on|cut|join N a fault of node N (1 to 3)
  tools [NAME ...]                    installs programs that tests need, prints their paths as JSON`;

/** Each returns its exit code. */
const commands: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  async up(args) {
    allow(args, ['--only-cluster', '--no-sample']);
    const pilotfish = !args.includes('--only-cluster');
    await alone(async () => await bringUp({ pilotfish, sample: pilotfish && !args.includes('--no-sample') }));
    return 0;
  },
  async down(args) {
    allow(args, ['--purge']);
    await alone(async () => await takeDown(new Steps(), { purge: args.includes('--purge') }));
    return 0;
  },
  kubeconfig() {
    const path = currentKubeconfig();
    if (!existsSync(path)) throw new Error('There is no cluster. Start one: npm run up');
    console.log(path);
    return 0;
  },
  async kubectl(args) {
    return await kubectlOnTerminal(args);
  },
  async fault([name, node]) {
    await injectFault(name, node);
    return 0;
  },
  async tools(args) {
    const unknown = args.find((name) => !isToolName(name));
    if (unknown !== undefined) throw new Error(`There is no tool ${unknown}; there are: ${toolNames.join(', ')}`);
    console.log(JSON.stringify(await toolPaths(args.length === 0 ? toolNames : args.filter(isToolName)), undefined, 2));
    return 0;
  },
};

function allow(args: readonly string[], known: readonly string[]): void {
  const unknown = args.find((argument) => !known.includes(argument));
  if (unknown !== undefined) throw new Error(`Unknown argument ${unknown}.\n\n${USAGE}`);
}

/** Two of these at a time would take each other's half-made things for leftovers. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await withLock(join(cacheDir, 'cluster.lock'), { waitMs: 0 }, work);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new Error(
      `Another "up" or "down" is at work (process ${error.holderPid}). Wait for its end, or end it and try again.`,
    );
  }
}

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command(args);
  } catch (error) {
    console.error(
      `\n${error instanceof Error && process.env.PILOTFISH_DEBUG === undefined ? error.message : String((error as Error).stack)}`,
    );
    process.exitCode = 1;
  }
}
