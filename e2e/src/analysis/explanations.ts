import type { WriteRecord } from '../load-client/write-record.ts';
import { STANDSTILL_MS } from './standstill.ts';

/** What a cluster's status said from a moment on. */
export interface Sighting {
  readonly atMs: number;
  readonly epoch: number;
  readonly primary: string;
  readonly writable: boolean;
  /** The operation that goes on: kind and phase, the engine that carries it out, the instance that shall lead. */
  readonly operation: { readonly what: string; readonly engine: string; readonly to: string } | undefined;
  readonly hold: { readonly reason: string; readonly message: string } | undefined;
  /** Instances of which the status says that something is wrong. */
  readonly troubles: readonly { readonly name: string; readonly state: string; readonly message: string }[];
}

export interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A hold that is gone sooner needs no event. */
const BRIEF_MS = 1_000;

/**
 * Silences of the clients for which the status had no word: no operation, no hold, nothing that is wrong with the primary.
 * Sightings are in their order.
 */
export function unexplainedSilences(records: readonly WriteRecord[], sightings: readonly Sighting[]): Silence[] {
  const times = records
    .filter(({ outcome }) => outcome === 'acknowledged')
    .map(({ endedMs }) => endedMs)
    .sort((a, b) => a - b);
  const silences = times.flatMap((toMs, index) => {
    const fromMs = times[index - 1] ?? toMs;
    return toMs - fromMs > STANDSTILL_MS ? [{ fromMs, toMs }] : [];
  });
  return silences.filter((silence) => !during(silence, sightings).some(explains));
}

/** Reasons of holds that the status showed for longer than a moment and no event told of. */
export function untoldHolds(sightings: readonly Sighting[], warnings: readonly string[]): string[] {
  const lasting = sightings.flatMap((sighting, index) => {
    const { hold, atMs } = sighting;
    if (hold === undefined) return [];
    const end = sightings.slice(index + 1).find((later) => later.hold?.reason !== hold.reason);
    return (end?.atMs ?? Number.POSITIVE_INFINITY) - atMs > BRIEF_MS ? [hold.reason] : [];
  });
  return [...new Set(lasting)].filter((reason) => !warnings.some((text) => text.includes(reason)));
}

function explains({ operation, hold, troubles, primary }: Sighting): boolean {
  return operation !== undefined || hold !== undefined || troubles.some(({ name }) => name === primary);
}

/** What the status said at any moment of the silence: the last sighting before it still holds when it begins. */
function during({ fromMs, toMs }: Silence, sightings: readonly Sighting[]): Sighting[] {
  return sightings.filter(({ atMs }, index) => {
    const untilMs = sightings[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    return atMs < toMs && untilMs > fromMs;
  });
}
