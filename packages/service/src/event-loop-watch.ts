import type { Clock } from './clock.ts';

export interface EventLoopWatchOptions {
  readonly clock: Clock;
  /** How often the heartbeat fires, in milliseconds. */
  readonly intervalMs?: number;
  /** A gap between heartbeats longer than this is a stall, in milliseconds. */
  readonly stallMs?: number;
  /** Told about each stall once it is over. */
  readonly onStall?: (durationMs: number) => void;
}

interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

const rememberedStalls = 64;

/**
 * Tells whether this process itself was not running for a while (garbage collection, CPU throttling, SIGSTOP, a paused
 * machine). Whoever judges others by deadlines must ask first: a probe that timed out across a stall proves nothing.
 */
export class EventLoopWatch {
  readonly #clock: Clock;
  readonly #stallMs: number;
  readonly #onStall: (durationMs: number) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #stalls: Stall[] = [];
  #lastBeatMs: number;

  constructor({ clock, intervalMs = 100, stallMs = 500, onStall = () => undefined }: EventLoopWatchOptions) {
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#onStall = onStall;
    this.#lastBeatMs = clock.nowMs();
    this.#timer = setInterval(() => this.beat(), intervalMs);
    this.#timer.unref();
  }

  /**
   * True when a stall overlaps the time from `sinceMs` (of the clock's `nowMs`) until now. Also sees the stall that has
   * just ended when its heartbeat has not run yet: expired timers run in any order afterwards.
   */
  stalledSince(sinceMs: number): boolean {
    if (this.#clock.nowMs() - this.#lastBeatMs > this.#stallMs) return true;
    return this.#stalls.some((stall) => stall.toMs > sinceMs);
  }

  /** One heartbeat; the timer calls it, and tests with a clock of their own. */
  beat(): void {
    const nowMs = this.#clock.nowMs();
    const gapMs = nowMs - this.#lastBeatMs;
    if (gapMs > this.#stallMs) {
      this.#stalls.push({ fromMs: this.#lastBeatMs, toMs: nowMs });
      if (this.#stalls.length > rememberedStalls) this.#stalls.shift();
      this.#onStall(gapMs);
    }
    this.#lastBeatMs = nowMs;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
