import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connectEnvironment } from '../harness/environment.ts';
import { measureIdle } from './idle.ts';
import { idleTable } from './idle-table.ts';
import { measureIsolation } from './isolation.ts';
import { measureRewind } from './rewind.ts';

const usage = `npm run bench -- idle [--seconds N] [--json FILE]
npm run bench -- rewind [--size 5G] [--json FILE]
npm run bench -- isolation [--json FILE]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    size: { type: 'string', default: '1G' },
    json: { type: 'string' },
  },
});
const log = (line: string): void => console.log(line);
const report = await measure(positionals.join(' '));
if (report === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report)}\n`);

async function measure(what: string): Promise<object | undefined> {
  const seconds = Number(values.seconds);
  const gib = Number(/^(\d+(?:\.\d+)?)G$/.exec(values.size)?.[1]);
  if (what === 'rewind' && gib > 0) return await measureRewind(gib, log);
  if (what === 'isolation') return await measureIsolation(log);
  return what === 'idle' && seconds > 0 ? await idle(seconds) : undefined;
}

async function idle(seconds: number): Promise<object> {
  const env = await connectEnvironment();
  try {
    const report = await measureIdle(env, seconds, log);
    log(idleTable(report).join('\n'));
    return report;
  } finally {
    env.kube.close();
  }
}
