import { type Clock, systemClock } from './clock.ts';
import { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
import { TokenBucket } from './token-bucket.ts';

export interface WorkQueueOptions {
  /** Shown in metrics. */
  readonly name: string;
  readonly clock?: Clock;
  readonly metrics?: KubeMetrics;
  /** First delay of a failing key, in milliseconds; doubles with each failure. */
  readonly retryBaseMs?: number;
  readonly retryCapMs?: number;
  /** Retries of all keys together: so many at once, then so many a second. */
  readonly retryBurst?: number;
  readonly retriesPerSecond?: number;
}

/** `low` is for the first list: whatever happens meanwhile goes before it. */
export type Priority = 'high' | 'low';

/** A timer set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1;

interface Wait {
  readonly atMs: number;
  readonly controller: AbortController;
}

/**
 * Keys to be worked on. A key is in it once however often it is added, and is handed out to one taker at a time: added
 * while it is worked on, it is handed out again after `done`.
 */
export class WorkQueue {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #metrics: KubeMetrics;
  readonly #retryBaseMs: number;
  readonly #retryCapMs: number;
  readonly #retries: TokenBucket;
  readonly #ready = { high: new Map<string, number>(), low: new Map<string, number>() };
  readonly #processing = new Set<string>();
  /** Added while processing. */
  readonly #dirty = new Map<string, Priority>();
  readonly #waiting = new Map<string, Wait>();
  readonly #failures = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  readonly #idle: (() => void)[] = [];
  #closed = false;

  constructor(options: WorkQueueOptions) {
    const { retryBaseMs = 50, retryCapMs = 300_000, retryBurst = 100, retriesPerSecond = 20 } = options;
    this.#name = options.name;
    this.#clock = options.clock ?? systemClock;
    this.#metrics = options.metrics ?? noKubeMetrics;
    this.#retryBaseMs = retryBaseMs;
    this.#retryCapMs = retryCapMs;
    this.#retries = new TokenBucket({ capacity: retryBurst, perSecond: retriesPerSecond, clock: this.#clock });
  }

  /** Keys that could be taken now. */
  get depth(): number {
    return this.#ready.high.size + this.#ready.low.size;
  }

  add(key: string, priority: Priority = 'high'): void {
    if (this.#closed) return;
    if (this.#processing.has(key)) {
      if (this.#dirty.get(key) !== 'high') this.#dirty.set(key, priority);
      return;
    }
    if (this.#ready.high.has(key)) return;
    const sinceMs = this.#ready.low.get(key);
    if (sinceMs !== undefined && priority === 'low') return;
    this.#ready.low.delete(key);
    this.#ready[priority].set(key, sinceMs ?? this.#clock.nowMs());
    this.#handOut();
    this.#reportDepth();
  }

  /** Adds the key `ms` milliseconds from now; of several such calls the earliest counts. Does not undo an `add`. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    if (ms <= 0) {
      this.add(key);
      return;
    }
    const delayMs = Math.min(ms, longestTimerMs);
    const atMs = this.#clock.nowMs() + delayMs;
    const before = this.#waiting.get(key);
    if (before && before.atMs <= atMs) return;
    before?.controller.abort();
    const wait: Wait = { atMs, controller: new AbortController() };
    this.#waiting.set(key, wait);
    this.#clock.sleep(delayMs, wait.controller.signal).then(
      () => {
        if (this.#waiting.get(key) !== wait) return;
        this.#waiting.delete(key);
        this.add(key);
      },
      () => undefined,
    );
  }

  /** Adds the key after a delay that grows with its failures since the last `forget`; returns it, in milliseconds. */
  addRateLimited(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const own = Math.min(this.#retryCapMs, this.#retryBaseMs * 2 ** failures);
    const ms = Math.max(own, this.#retries.reserveMs());
    this.#metrics.retried(this.#name);
    this.addAfter(key, ms);
    return ms;
  }

  /** The key went well: its next failure is its first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key, as soon as there is one; undefined once the queue is shut down. Call `done` with it afterwards. */
  get(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#takers.push(resolve);
      this.#handOut();
    });
  }

  done(key: string): void {
    this.#processing.delete(key);
    const again = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (again !== undefined) this.add(key, again);
    if (this.#processing.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Takes no more keys and hands out no more. Resolves when every key that was handed out is done. */
  async shutDown(): Promise<void> {
    this.#closed = true;
    for (const { controller } of this.#waiting.values()) controller.abort();
    for (const keys of [this.#ready.high, this.#ready.low, this.#waiting, this.#dirty]) keys.clear();
    for (const resolve of this.#takers.splice(0)) resolve(undefined);
    if (this.#processing.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #handOut(): void {
    while (this.#takers.length > 0) {
      const entry = this.#first();
      if (entry === undefined && !this.#closed) return;
      const resolve = this.#takers.shift();
      if (entry !== undefined) {
        this.#processing.add(entry.key);
        this.#metrics.queueWait(this.#name, this.#clock.nowMs() - entry.sinceMs);
        this.#reportDepth();
      }
      resolve?.(entry?.key);
    }
  }

  #first(): { readonly key: string; readonly sinceMs: number } | undefined {
    for (const keys of [this.#ready.high, this.#ready.low]) {
      for (const [key, sinceMs] of keys) {
        keys.delete(key);
        return { key, sinceMs };
      }
    }
    return undefined;
  }

  #reportDepth(): void {
    this.#metrics.queueDepth(this.#name, this.depth);
  }
}
