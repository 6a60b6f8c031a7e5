/**
 * What became of one write. `acknowledged`: the server said OK. `refused`: nothing was sent, or the server answered with an error.
 * `unknown`: sent, but no answer came (time-out or broken connection), so that it may or may not be there.
 */
export type WriteOutcome = 'acknowledged' | 'refused' | 'unknown';

/** One attempt to insert the row (client, seq). No id is ever tried twice. Times are in ms since the Unix epoch, from a monotonic clock. */
export interface WriteRecord {
  readonly client: number;
  readonly seq: number;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly outcome: WriteOutcome;
  /** `@@server_uuid` of the connection; empty when there was none. */
  readonly server: string;
  /** Code of the error; empty when acknowledged. */
  readonly error: string;
}

const outcomeByLetter: Readonly<Record<string, WriteOutcome>> = { a: 'acknowledged', r: 'refused', u: 'unknown' };

/** One line of JSON, an array, so that hundreds of thousands of records stay small. */
export function encodeRecord(record: WriteRecord): string {
  const { client, seq, startedMs, endedMs, outcome, server, error } = record;
  return JSON.stringify([client, seq, round(startedMs), round(endedMs), outcome.charAt(0), server, error]);
}

/** The inverse of encodeRecord. Throws on anything else. */
export function decodeRecord(line: string): WriteRecord {
  const value: unknown = JSON.parse(line);
  if (!Array.isArray(value)) throw new Error(`Not a write record: ${line.slice(0, 200)}`);
  const [client, seq, startedMs, endedMs, letter, server, error] = value as unknown[];
  const outcome = typeof letter === 'string' ? outcomeByLetter[letter] : undefined;
  if (
    typeof client !== 'number' ||
    typeof seq !== 'number' ||
    typeof startedMs !== 'number' ||
    typeof endedMs !== 'number' ||
    outcome === undefined ||
    typeof server !== 'string' ||
    typeof error !== 'string'
  ) {
    throw new Error(`Not a write record: ${line.slice(0, 200)}`);
  }
  return { client, seq, startedMs, endedMs, outcome, server, error };
}

/** The id of the row of a record, as it is compared between what was acknowledged and what is in a table. */
export function rowId(row: { readonly client: number; readonly seq: number }): string {
  return `${row.client}:${row.seq}`;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
