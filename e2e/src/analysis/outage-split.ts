import { median } from './outages.ts';

/** When a primary's way to the clients passed its stations, ms since the Unix epoch. */
export interface Stations {
  /** The last acknowledgement before the silence. */
  readonly silentMs: number;
  /** The new primary took writes. */
  readonly openedMs: number;
  /** Its pod had the label that the Service selects by. */
  readonly labelledMs: number;
  /** The EndpointSlice led to it alone. */
  readonly slicedMs: number;
  /** A client sent it a write for the first time. */
  readonly sentMs: number;
  /** The first acknowledgement after the silence. */
  readonly acknowledgedMs: number;
}

/** The shares of one outage, ms; they add up to it. */
export interface OutageSplit {
  /** Until the new primary was open: detection, fence, choice, drain, promotion. */
  readonly engine: number;
  readonly label: number;
  readonly endpointSlice: number;
  /** kube-proxy's rules, and the client's next attempt and login. */
  readonly proxy: number;
  /** The attempt that came to something, and its commit, which waits for a replica. */
  readonly write: number;
}

/** A station that was passed before its turn, as the label is in a switchover, has cost nothing. */
export function splitOutage(stations: Stations): OutageSplit {
  const { silentMs, openedMs, labelledMs, slicedMs, sentMs, acknowledgedMs } = stations;
  let reachedMs = silentMs;
  const share = (untilMs: number): number => {
    const fromMs = reachedMs;
    reachedMs = Math.min(Math.max(untilMs, reachedMs), acknowledgedMs);
    return Math.round(reachedMs - fromMs);
  };
  return {
    engine: share(openedMs),
    label: share(labelledMs),
    endpointSlice: share(slicedMs),
    proxy: share(sentMs),
    write: share(acknowledgedMs),
  };
}

/** The median of each share; undefined without any split. */
export function medianSplit(splits: readonly OutageSplit[]): OutageSplit | undefined {
  if (splits.length === 0) return undefined;
  const of = (share: keyof OutageSplit): number => Math.round(median(splits.map((split) => split[share])));
  return {
    engine: of('engine'),
    label: of('label'),
    endpointSlice: of('endpointSlice'),
    proxy: of('proxy'),
    write: of('write'),
  };
}
