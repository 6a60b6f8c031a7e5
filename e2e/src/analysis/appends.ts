import type { AppendRecord, ListReading, ListRecord } from '../load-client/append-record.ts';
import { listDigest } from '../load-client/list-digest.ts';

/** What became of the lists. Each entry of the three breaks a promise. */
export interface AppendFindings {
  readonly acknowledged: number;
  readonly readings: number;
  /** Values that were acknowledged and are not in their list. */
  readonly lost: readonly string[];
  /** Values that are in a list more than once. */
  readonly duplicated: readonly string[];
  /** Readings that do not begin the final list: somebody saw a history that is not the one that stayed. */
  readonly forked: readonly ListReading[];
}

/** Compares what clients were told and shown with the final texts of the lists, by number: values, each followed by a comma. */
export function compareWithLists(records: readonly ListRecord[], texts: ReadonlyMap<number, string>): AppendFindings {
  const acknowledged = records.filter(
    (record): record is AppendRecord => record.kind === 'append' && record.outcome === 'acknowledged',
  );
  const readings = records.filter((record): record is ListReading => record.kind === 'reading');
  const items = new Map([...texts].map(([list, text]) => [list, text.split(',').filter((value) => value !== '')]));
  const present = new Map([...items].map(([list, values]) => [list, new Set(values)]));
  return {
    acknowledged: acknowledged.length,
    readings: readings.length,
    lost: acknowledged.filter(({ list, value }) => present.get(list)?.has(value) !== true).map(({ value }) => value),
    duplicated: [...items.values()].flatMap(repeated),
    forked: readings.filter(({ list, length, digest }) => {
      const text = texts.get(list) ?? '';
      return length > text.length || listDigest(text.slice(0, length)) !== digest;
    }),
  };
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.has(value) || !seen.add(value));
}
