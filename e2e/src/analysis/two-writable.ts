import type { WriteRecord } from '../load-client/write-record.ts';

/** Acknowledgements of one server that are further apart than this say nothing about the time between them. */
const CONTINUITY_MS = 1000;

interface Interval {
  readonly server: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Milliseconds in which at least two servers acknowledged writes. Two acknowledged writes of one server prove that it was writable from the answer
 * of the first to the sending of the second; only what is proven counts, so that an answer that arrives late accuses nobody.
 * A server that acknowledges a single write while another one is open counts as 1 ms.
 */
export function twoWritableMs(records: readonly WriteRecord[]): number {
  const intervals = writableIntervals(records);
  const edges = intervals
    .flatMap(({ server, fromMs, toMs }) => [
      { atMs: fromMs, server, change: 1 },
      { atMs: toMs, server, change: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.change - b.change);
  const open = new Map<string, number>();
  let total = 0;
  let sinceMs = 0;
  for (const { atMs, server, change } of edges) {
    if (open.size >= 2) total += atMs - sinceMs;
    sinceMs = atMs;
    const count = (open.get(server) ?? 0) + change;
    if (count === 0) open.delete(server);
    else open.set(server, count);
  }
  return Math.round(total + strayAcknowledgements(records, intervals));
}

function writableIntervals(records: readonly WriteRecord[]): Interval[] {
  const intervals: Interval[] = [];
  for (const [server, acknowledged] of acknowledgedByServer(records)) {
    const first = acknowledged[0];
    if (first === undefined) continue;
    let fromMs = first.endedMs;
    let toMs = fromMs;
    let lastEndedMs = first.endedMs;
    for (const { startedMs, endedMs } of acknowledged) {
      if (endedMs - lastEndedMs > CONTINUITY_MS) {
        intervals.push({ server, fromMs, toMs });
        fromMs = endedMs;
        toMs = endedMs;
      }
      toMs = Math.max(toMs, startedMs);
      lastEndedMs = endedMs;
    }
    intervals.push({ server, fromMs, toMs });
  }
  return intervals.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** Acknowledged writes that were sent and answered wholly inside the open time of another server, outside the own open times. */
function strayAcknowledgements(records: readonly WriteRecord[], intervals: readonly Interval[]): number {
  return records.filter(
    ({ outcome, server, startedMs, endedMs }) =>
      outcome === 'acknowledged' &&
      !intervals.some((own) => own.server === server && own.fromMs <= endedMs && startedMs <= own.toMs) &&
      intervals.some((other) => other.server !== server && other.fromMs < startedMs && endedMs < other.toMs),
  ).length;
}

function acknowledgedByServer(records: readonly WriteRecord[]): Map<string, WriteRecord[]> {
  const byServer = new Map<string, WriteRecord[]>();
  for (const record of records) {
    if (record.outcome !== 'acknowledged') continue;
    const list = byServer.get(record.server);
    if (list === undefined) byServer.set(record.server, [record]);
    else list.push(record);
  }
  for (const list of byServer.values()) list.sort((a, b) => a.endedMs - b.endedMs);
  return byServer;
}
