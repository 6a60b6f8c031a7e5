import type { Clock } from './clock.ts';

export interface TokenBucketOptions {
  /** So many at once. */
  readonly capacity: number;
  /** So many a second after that. */
  readonly perSecond: number;
  readonly clock: Clock;
}

export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledAtMs: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.capacity;
    this.#filledAtMs = options.clock.nowMs();
  }

  /** Takes a token when there is one. */
  tryTake(): boolean {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes a token in any case; returns in how many milliseconds it will have been there. */
  reserveMs(): number {
    this.#fill();
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#options.perSecond) * 1000;
  }

  #fill(): void {
    const { capacity, perSecond, clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#tokens = Math.min(capacity, this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * perSecond);
    this.#filledAtMs = nowMs;
  }
}
