import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '@pilotfish/service';
import { readJournal } from './read-journal.ts';
import { describeDifference, replay } from './replay.ts';

const usage = `npm run replay -- FILE [--json]

Takes the decisions of a journal again with today's code, and shows where it would decide otherwise.
FILE: JSON lines, from an engine's journal, its API or NATS (docs/concepts/journal.md).
Exit code: 0 all the same, 1 some differ, 2 the file can't be read.
`;

function run(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  });
  const [file] = positionals;
  if (values.help || file === undefined) {
    process.stdout.write(usage);
    return values.help ? 0 : 2;
  }
  const { entries, digests } = readJournal(readFileSync(file, 'utf8'));
  const differences = replay(entries);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ decisions: entries.length, digests, differences })}\n`);
  } else {
    for (const difference of differences) process.stdout.write(`${describeDifference(difference)}\n`);
    const left = digests === 0 ? '' : `, ${String(digests)} without their inputs`;
    process.stdout.write(`${String(entries.length)} decisions${left}: ${String(differences.length)} would differ\n`);
  }
  return differences.length === 0 ? 0 : 1;
}

try {
  process.exitCode = run();
} catch (error: unknown) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
