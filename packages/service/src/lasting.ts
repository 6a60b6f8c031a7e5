import type { Clock } from './clock.ts';

/** Tells when something has been so for long enough without a break: what changes back at once need not be written down. */
export class Lasting {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #ms: number;
  #sinceMs: number | undefined;

  constructor(clock: Pick<Clock, 'nowMs'>, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** @returns milliseconds until it has been so for long enough, 0 from then on; undefined when it is not so */
  remainingMs(isSo: boolean): number | undefined {
    if (!isSo) {
      this.#sinceMs = undefined;
      return undefined;
    }
    this.#sinceMs ??= this.#clock.nowMs();
    return Math.max(0, this.#sinceMs + this.#ms - this.#clock.nowMs());
  }
}
