import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '@pilotfish/service';
import { connectEnvironment } from '../harness/environment.ts';
import { CalmBench, troubles } from './calm/calm.ts';
import { calmTable, hasFalseAlarm } from './calm/calm-table.ts';
import { againInOwnNetwork, hasOwnNetwork } from './calm/own-network.ts';
import { FailoverBench, faults } from './failover.ts';
import { failoverTable } from './failover-table.ts';
import { measureIdle } from './idle.ts';
import { idleEngineTable, measureIdleEngine } from './idle-engine.ts';
import { idleTable } from './idle-table.ts';
import { measureIsolation } from './isolation.ts';
import { measureRewind } from './rewind.ts';

const usage = `npm run bench -- idle [--seconds N] [--json FILE]   the operator in the local Kubernetes
npm run bench -- failover [--rounds N] [--fault ${faults.join(' | ')}] [--json FILE]   the standalone engine
npm run bench -- calm [--minutes N] [--trouble ${troubles.join(' | ')}] [--json FILE]   what is no failure: whether the engine stays calm
npm run bench -- idle-engine [--clusters N] [--seconds N] [--json FILE]   what it costs while nothing happens
npm run bench -- rewind [--size 5G] [--json FILE]   a failed primary that returns: rewound, or cloned
npm run bench -- isolation [--json FILE]   how long a primary that is cut off acknowledges writes`;

const options = {
  help: { type: 'boolean', default: false },
  minutes: { type: 'string', default: '10' },
  seconds: { type: 'string', default: '60' },
  size: { type: 'string', default: '1G' },
  clusters: { type: 'string', default: '10' },
  rounds: { type: 'string', default: '10' },
  fault: { type: 'string' },
  trouble: { type: 'string' },
  json: { type: 'string' },
} as const;

const { values, positionals } = readCommandLine();

function readCommandLine() {
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error: unknown) {
    console.error(`${messageOf(error)}\n${usage}`);
    process.exit(2);
  }
}

const log = (line: string): void => console.log(line);

async function idle(): Promise<object> {
  const env = await connectEnvironment();
  try {
    const report = await measureIdle(env, positive(values.seconds), log);
    log(idleTable(report).join('\n'));
    return report;
  } finally {
    env.kube.close();
  }
}

async function failover(): Promise<object> {
  const kinds = faults.filter((fault) => values.fault === undefined || values.fault === fault);
  if (kinds.length === 0) throw new RangeError(`no such fault: ${values.fault ?? ''}`);
  const report = await FailoverBench.run(kinds, positive(values.rounds), log);
  log(failoverTable(report).join('\n'));
  return report;
}

/** Undefined where this command runs again in another process, which does it all. */
async function calm(): Promise<object | undefined> {
  const minutes = positive(values.minutes);
  const kinds = troubles.filter((trouble) => values.trouble === undefined || values.trouble === trouble);
  if (kinds.length === 0) throw new RangeError(`no such trouble: ${values.trouble ?? ''}`);
  if (!hasOwnNetwork()) {
    process.exitCode = await againInOwnNetwork('e2e/src/bench/main.ts');
    return undefined;
  }
  const report = await CalmBench.run(kinds, minutes, log);
  log(calmTable(report).join('\n'));
  if (hasFalseAlarm(report)) process.exitCode = 1;
  return report;
}

async function idleEngine(): Promise<object> {
  const sizes = { clusters: positive(values.clusters), seconds: positive(values.seconds) };
  const report = await measureIdleEngine(sizes, log);
  log(idleEngineTable(report).join('\n'));
  return report;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`${text} is no number above 0`);
  return value;
}

const benches: Readonly<Record<string, () => Promise<object | undefined>>> = {
  idle,
  calm,
  failover,
  'idle-engine': idleEngine,
  rewind: () => measureRewind(positive(values.size.replace(/G$/, '')), log),
  isolation: () => measureIsolation(log),
};
const bench = benches[positionals.join(' ')];
if (values.help) {
  console.log(usage);
} else if (!bench) {
  console.error(usage);
  process.exitCode = 2;
} else {
  try {
    const report = await bench();
    if (report && values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report)}\n`);
  } catch (error: unknown) {
    if (!(error instanceof RangeError)) throw error;
    console.error(`${error.message}\n${usage}`);
    process.exitCode = 2;
  }
}
