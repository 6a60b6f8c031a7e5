import { encodeRecord, type WriteOutcome, type WriteRecord } from './write-record.ts';

/** What the harness asks for many times a second while it waits for a failover to show. */
export interface LoadStatistics {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly records: number;
  /** The last acknowledgement of each server: `@@server_uuid` to ms since the epoch. */
  readonly lastAcknowledgedMs: Readonly<Record<string, number>>;
}

/** All records of a run, in memory: a scenario lasts minutes, and a file or a pipe would stall the writers when the disk does. */
export class RecordLog {
  readonly #lines: string[] = [];
  readonly #counts: Record<WriteOutcome, number> = { acknowledged: 0, refused: 0, unknown: 0 };
  readonly #lastAcknowledgedMs = new Map<string, number>();

  add(record: WriteRecord): void {
    this.#lines.push(encodeRecord(record));
    this.#counts[record.outcome] += 1;
    if (record.outcome === 'acknowledged') this.#lastAcknowledgedMs.set(record.server, record.endedMs);
  }

  statistics(): LoadStatistics {
    return {
      ...this.#counts,
      records: this.#lines.length,
      lastAcknowledgedMs: Object.fromEntries(this.#lastAcknowledgedMs),
    };
  }

  /** Lines of encoded records, from that index on. */
  linesFrom(index: number): string {
    return this.#lines
      .slice(index)
      .map((line) => `${line}\n`)
      .join('');
  }
}
