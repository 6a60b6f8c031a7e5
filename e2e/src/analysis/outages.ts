import type { WriteRecord } from '../load-client/write-record.ts';

/** What the clients saw of one fault. */
export interface Outage {
  /** From the last acknowledgement before to the first after the longest silence, ms. Infinity when no write was acknowledged any more. */
  readonly outageMs: number;
  /** Time of the first acknowledgement after it; Infinity when there was none. */
  readonly endedMs: number;
}

/**
 * The longest time in which no client got an acknowledgement, of those that end after the fault and begin before `untilMs`.
 * It is measured between acknowledgements, not from the fault: what a client feels is the silence.
 */
export function outageAfter(
  records: readonly WriteRecord[],
  faultMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): Outage {
  const times = acknowledgedTimes(records);
  let longest: Outage = { outageMs: 0, endedMs: faultMs };
  for (let index = 1; index <= times.length; index += 1) {
    const before = times[index - 1] ?? faultMs;
    const after = times[index] ?? Number.POSITIVE_INFINITY;
    if (after <= faultMs || before >= untilMs) continue;
    // The end of the records is the end of the watch, not of the service, if the fault was over by then.
    if (after === Number.POSITIVE_INFINITY && before > faultMs) continue;
    if (after - before > longest.outageMs) longest = { outageMs: after - before, endedMs: after };
  }
  return times.length === 0 ? { outageMs: Number.POSITIVE_INFINITY, endedMs: Number.POSITIVE_INFINITY } : longest;
}

/** When the server that acknowledged first after a silence was first sent a write in it, ms since the Unix epoch. */
export function firstSentMs(records: readonly WriteRecord[], { outageMs, endedMs }: Outage): number {
  const silentMs = endedMs - outageMs;
  const inSilence = records.filter((record) => record.startedMs > silentMs && record.startedMs <= endedMs);
  const server = inSilence.find((record) => record.endedMs === endedMs && record.outcome === 'acknowledged')?.server;
  return Math.min(...inSilence.filter((record) => record.server === server).map(({ startedMs }) => startedMs), endedMs);
}

/** Every change of the acknowledging server, with the silence between the two: the hand-overs of a rolling change. */
export function handOvers(
  records: readonly WriteRecord[],
): { atMs: number; from: string; to: string; outageMs: number }[] {
  const acknowledged = records
    .filter(({ outcome }) => outcome === 'acknowledged')
    .sort((a, b) => a.endedMs - b.endedMs);
  const changes: { atMs: number; from: string; to: string; outageMs: number }[] = [];
  for (let index = 1; index < acknowledged.length; index += 1) {
    const before = acknowledged[index - 1];
    const after = acknowledged[index];
    if (before === undefined || after === undefined || before.server === after.server) continue;
    changes.push({
      atMs: after.endedMs,
      from: before.server,
      to: after.server,
      outageMs: after.endedMs - before.endedMs,
    });
  }
  return changes;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function acknowledgedTimes(records: readonly WriteRecord[]): number[] {
  return records
    .filter(({ outcome }) => outcome === 'acknowledged')
    .map(({ endedMs }) => endedMs)
    .sort((a, b) => a - b);
}
