interface Sleeper {
  readonly wakeAtMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. Fits every Clock interface of the packages. */
export class ManualClock {
  #nowMs = 0;
  #wallOffsetMs: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor({ startsAt = new Date('2026-01-01T00:00:00Z') }: { startsAt?: Date } = {}) {
    this.#wallOffsetMs = startsAt.getTime();
  }

  /** Monotonic milliseconds; 0 at first. */
  readonly nowMs = (): number => this.#nowMs;

  /** Calendar time: moves with the monotonic one, and jumps with `jumpWallBy`. */
  readonly wall = (): Date => new Date(this.#wallOffsetMs + this.#nowMs);

  /** Resolves once the clock was advanced by that much; rejects with the signal's reason. */
  readonly sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    if (ms <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        wakeAtMs: this.#nowMs + ms,
        wake: () => {
          leave();
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.add(sleeper);
    });
  };

  /** How many sleep now: what a test waits for before it advances. */
  get sleeperCount(): number {
    return this.#sleepers.size;
  }

  /**
   * Moves the clock, and wakes every sleeper whose time comes on the way, in order, each at its own time. What they do next has run
   * (as far as it needs no I/O) when the promise resolves, so a loop of sleeps sees every one of its rounds.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#earliestSleeper();
      if (next === undefined || next.wakeAtMs > endMs) break;
      this.#nowMs = next.wakeAtMs;
      next.wake();
    }
    this.#nowMs = endMs;
  }

  /** What an administrator or NTP does to calendar time. */
  jumpWallBy(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #earliestSleeper(): Sleeper | undefined {
    let earliest: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (earliest === undefined || sleeper.wakeAtMs < earliest.wakeAtMs) earliest = sleeper;
    }
    return earliest;
  }
}

/** After every promise that can settle without I/O has. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
