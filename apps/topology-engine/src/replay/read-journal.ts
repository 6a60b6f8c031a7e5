import { z } from 'zod';
import { decodeEntry, type JournalEntry } from '../journal/journal-entry.ts';

/** Line number and what is wrong with it. */
export class BadJournalError extends Error {
  override readonly name = 'BadJournalError';
}

/** The payload of the event `decision-made`: its entry is a text, empty when it was too large for an event. */
const event = z.looseObject({ entry: z.string(), digest: z.array(z.string()) });

/** The answer of `GET …/journal`. */
const answer = z.looseObject({ items: z.array(z.unknown()) });

export interface ReadJournal {
  readonly entries: readonly JournalEntry[];
  /** Decisions whose inputs were too large for an event: they can't be taken again. */
  readonly digests: number;
}

/**
 * Entries of a JSON lines file: as an engine writes it, payloads of `decision-made` as they come from NATS, or answers of the
 * API.
 * @throws BadJournalError
 */
export function readJournal(text: string): ReadJournal {
  const entries: JournalEntry[] = [];
  let digests = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      const value: unknown = JSON.parse(line);
      const answered = answer.safeParse(value);
      const told = event.safeParse(value);
      if (answered.success) entries.push(...answered.data.items.map(decodeEntry));
      else if (told.success && told.data.entry === '') digests += 1;
      else entries.push(decodeEntry(told.success ? JSON.parse(told.data.entry) : value));
    } catch (error: unknown) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw new BadJournalError(`line ${String(index + 1)}: ${why}`, { cause: error });
    }
  }
  if (entries.length + digests === 0) throw new BadJournalError('no entries');
  return { entries, digests };
}
