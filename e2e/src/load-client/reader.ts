import { setTimeout as sleep } from 'node:timers/promises';
import { timestampMs } from './timestamp.ts';
import { WriteConnection, type WriteTarget } from './write-connection.ts';

export interface ReadStatistics {
  succeeded: number;
  failed: number;
  /** Longest time between two successful reads, ms. */
  longestGapMs: number;
}

const INTERVAL_MS = 50;

/** Reads again and again, each time through a new connection, as that is what shows where a Service leads. */
export async function readUntil(
  signal: AbortSignal,
  target: WriteTarget,
  table: string,
  statistics: ReadStatistics,
): Promise<void> {
  let lastMs = timestampMs();
  while (!signal.aborted) {
    try {
      const connection = await WriteConnection.open(target);
      try {
        await connection.read(`SELECT COUNT(*) FROM ${table}`);
      } finally {
        connection.close();
      }
      const nowMs = timestampMs();
      statistics.longestGapMs = Math.max(statistics.longestGapMs, nowMs - lastMs);
      statistics.succeeded += 1;
      lastMs = nowMs;
    } catch {
      statistics.failed += 1;
    }
    await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
}
