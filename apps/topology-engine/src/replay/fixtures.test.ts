import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readJournal } from './read-journal.ts';
import { describeDifference, replay } from './replay.ts';

const folder = join(import.meta.dirname, '../../fixtures');

/** Journals of real faults on real servers; docs/concepts/journal.md says how they are recorded. */
test.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))(
  '%s: what was decided is decided today',
  (name) => {
    const { entries } = readJournal(readFileSync(join(folder, name), 'utf8'));
    expect(replay(entries).map(describeDifference)).toEqual([]);
    expect(entries.some(({ decision }) => decision.plan !== undefined)).toBe(true);
  },
);
