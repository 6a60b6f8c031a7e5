export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. */
  readonly baseMs: number;
  /** No delay is longer, in milliseconds. */
  readonly capMs: number;
  /** Source of randomness in [0, 1); Math.random unless a test says otherwise. */
  readonly random?: () => number;
}

/**
 * Full jitter: anything between 0 and min(cap, base * 2^attempt), so that many clients that failed together
 * do not come back together. `attempt` counts from 0.
 */
export function fullJitterMs(attempt: number, { baseMs, capMs, random = Math.random }: BackoffOptions): number {
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}

/** Consecutive failures of one thing. `nextMs` is how long to wait now; call `reset` after it went well. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  get attempts(): number {
    return this.#attempts;
  }

  nextMs(): number {
    const ms = fullJitterMs(this.#attempts, this.#options);
    this.#attempts += 1;
    return ms;
  }

  reset(): void {
    this.#attempts = 0;
  }
}
