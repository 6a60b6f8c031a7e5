import { setTimeout as sleep } from 'node:timers/promises';
import type { ListRecord } from './append-record.ts';
import { readList } from './appender.ts';
import { timestampMs } from './timestamp.ts';
import { errorCode, WriteConnection, type WriteTarget } from './write-connection.ts';

export interface FailedRead {
  readonly beganMs: number;
  readonly endedMs: number;
  /** The server's number of the error, else a code. */
  readonly error: string;
}

export interface ReadStatistics {
  succeeded: number;
  readonly failed: FailedRead[];
  /** Longest time between two successful reads, ms. */
  longestGapMs: number;
}

export interface ReaderOptions {
  readonly target: WriteTarget;
  readonly table: string;
  readonly lists: number;
  readonly statistics: ReadStatistics;
  readonly record: (record: ListRecord) => void;
}

const INTERVAL_MS = 100;
/** More than a writer's, who looks for the next primary: a busy machine may let a reader wait, and the longest silence says how long. */
const CONNECT_TIMEOUT_MS = 2000;

/** Reads one list after the other, each time through a new connection, as that is what shows where a Service leads. */
export async function readUntil(signal: AbortSignal, options: ReaderOptions): Promise<void> {
  const { target, table, lists, statistics, record } = options;
  let lastMs = timestampMs();
  for (let count = 0; !signal.aborted; count += 1) {
    const beganMs = timestampMs();
    try {
      const connection = await WriteConnection.open(target, CONNECT_TIMEOUT_MS);
      try {
        record(await readList(connection, table, count % lists));
      } finally {
        connection.close();
      }
      const nowMs = timestampMs();
      statistics.longestGapMs = Math.max(statistics.longestGapMs, nowMs - lastMs);
      statistics.succeeded += 1;
      lastMs = nowMs;
    } catch (error) {
      statistics.failed.push({ beganMs, endedMs: timestampMs(), error: errorCode(error) });
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}
