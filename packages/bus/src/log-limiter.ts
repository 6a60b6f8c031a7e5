import { performance } from 'node:perf_hooks';

/** Lets one log line per key through in each interval, and says how many were held back since the last one. */
export class LogLimiter {
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  readonly #keys = new Map<string, { until: number; suppressed: number }>();

  constructor(intervalMs: number, nowMs: () => number = () => performance.now()) {
    this.#intervalMs = intervalMs;
    this.#nowMs = nowMs;
  }

  /** Keys must come from a closed set: they are remembered for ever. Undefined means: be quiet. */
  admit(key: string): { readonly suppressed: number } | undefined {
    const now = this.#nowMs();
    const entry = this.#keys.get(key);
    if (entry !== undefined && now < entry.until) {
      entry.suppressed += 1;
      return undefined;
    }
    this.#keys.set(key, { until: now + this.#intervalMs, suppressed: 0 });
    return { suppressed: entry?.suppressed ?? 0 };
  }
}
