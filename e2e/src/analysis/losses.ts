import { rowId, type WriteOutcome, type WriteRecord } from '../load-client/write-record.ts';

export interface Losses {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Ids that were acknowledged and are not in the table: each one breaks the promise. */
  readonly lost: readonly string[];
  /** Writes that the server refused and did all the same. No loss, but worth knowing. */
  readonly refusedButPresent: number;
  /** Writes without an answer that are there: what a client must reckon with. */
  readonly unknownButPresent: number;
}

/** Compares what the clients were told with the ids that the final primary has. */
export function compareWithTable(records: readonly WriteRecord[], present: ReadonlySet<string>): Losses {
  const of = (outcome: WriteOutcome): WriteRecord[] => records.filter((record) => record.outcome === outcome);
  const isPresent = (record: WriteRecord): boolean => present.has(rowId(record));
  const acknowledged = of('acknowledged');
  const refused = of('refused');
  const unknown = of('unknown');
  return {
    acknowledged: acknowledged.length,
    refused: refused.length,
    unknown: unknown.length,
    lost: acknowledged.filter((record) => !isPresent(record)).map(rowId),
    refusedButPresent: refused.filter(isPresent).length,
    unknownButPresent: unknown.filter(isPresent).length,
  };
}
