import { z } from 'zod';
import type { WriteOutcome } from './write-record.ts';

/** One attempt to append a value, that nobody else ever appends, to a list. */
export interface AppendRecord {
  readonly kind: 'append';
  readonly list: number;
  readonly value: string;
  readonly outcome: WriteOutcome;
  readonly server: string;
  readonly error: string;
  readonly atMs: number;
}

/**
 * What a reader saw of a list, as short as it can be compared with the list's final text: the text that was read began it if it was
 * right. `tail` is its end, for whoever looks into one that was not.
 */
export interface ListReading {
  readonly kind: 'reading';
  readonly list: number;
  readonly length: number;
  readonly digest: string;
  readonly tail: string;
  readonly server: string;
  readonly atMs: number;
}

export type ListRecord = AppendRecord | ListReading;

const common = { list: z.number(), server: z.string(), atMs: z.number() };
const listRecord = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('append'),
    ...common,
    value: z.string(),
    outcome: z.enum(['acknowledged', 'refused', 'unknown']),
    error: z.string(),
  }),
  z.object({ kind: z.literal('reading'), ...common, length: z.number(), digest: z.string(), tail: z.string() }),
]);

/** The records of a load client's answer, one JSON object a line. Throws on anything else. */
export function decodeListRecords(text: string): ListRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => listRecord.parse(JSON.parse(line)));
}
