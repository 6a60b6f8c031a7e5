import type { Clock } from '@pilotfish/service';
import type { Topology } from './cluster-view.ts';
import type { HintVerdict } from './metrics.ts';
import type { WriteHint } from './write-hint.ts';

/**
 * How long a hint may be ahead of the status, in milliseconds, and how old the event may be when it comes. An engine
 * writes the status within a second of opening a primary; when it does not, the status is believed again.
 */
export const hintLifetimeMs = 30_000;

interface Entry {
  hint?: { readonly value: WriteHint; readonly untilMs: number };
  /** Latest epoch that the status has called writable: from then on the status alone decides about it. */
  settledEpoch: number;
}

/** The latest useful hint of each cluster. */
export class HintBook {
  readonly #clock: Pick<Clock, 'nowMs' | 'wall'>;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Pick<Clock, 'nowMs' | 'wall'>) {
    this.#clock = clock;
  }

  /** Judges a hint by the status that is known, and keeps it when it is ahead of that. */
  offer(key: string, hint: WriteHint, topology: Topology): Exclude<HintVerdict, 'unknown-cluster'> {
    this.observe(key, topology);
    const entry = this.#entry(key);
    const known = this.get(key);
    if (hint.epoch < Math.max(topology.epoch, known?.epoch ?? 0)) return 'stale';
    if (hint.epoch === topology.epoch) {
      if (hint.primary !== topology.primary) return 'conflicting';
      if (topology.writable) return 'known';
      if (hint.epoch <= entry.settledEpoch) return 'stale';
    }
    if (hint.epoch === known?.epoch) return hint.primary === known.primary ? 'known' : 'conflicting';
    if (this.#clock.wall().getTime() - hint.openedAt.getTime() > hintLifetimeMs) return 'stale';
    entry.hint = { value: hint, untilMs: this.#clock.nowMs() + hintLifetimeMs };
    return 'accepted';
  }

  /** To be told each status, also those that nobody acts on: it ends hints that the status has caught up with. */
  observe(key: string, topology: Topology): void {
    const entry = this.#entry(key);
    if (topology.writable) entry.settledEpoch = Math.max(entry.settledEpoch, topology.epoch);
    const hint = entry.hint?.value;
    if (hint === undefined || topology.epoch < hint.epoch) return;
    if (topology.epoch > hint.epoch || topology.writable || topology.primary !== hint.primary) delete entry.hint;
  }

  get(key: string): WriteHint | undefined {
    const hint = this.#entries.get(key)?.hint;
    return hint !== undefined && this.#clock.nowMs() < hint.untilMs ? hint.value : undefined;
  }

  /** Milliseconds until the hint that counts now ends by itself. */
  remainingMs(key: string): number | undefined {
    const hint = this.#entries.get(key)?.hint;
    const remaining = hint === undefined ? 0 : hint.untilMs - this.#clock.nowMs();
    return remaining > 0 ? remaining : undefined;
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { settledEpoch: -1 };
      this.#entries.set(key, entry);
    }
    return entry;
  }
}
