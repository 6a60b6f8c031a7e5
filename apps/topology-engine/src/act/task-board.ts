import { type Clock, type Logger, messageOf } from '@pilotfish/service';

interface Attempt {
  readonly failures: number;
  readonly notBefore: number;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** A piece of work. */
export interface Task {
  /** What it does and to whom: its failures put off this, and nothing else. */
  readonly name: string;
  /** What it works on: instances, or the ack set. Nothing else works on any of it meanwhile. */
  readonly on: readonly string[];
  /** Ends at its next statement when the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Work that runs beside the loop, one piece at a time on each thing. What failed is not tried again before a pause, which
 * doubles with each failure; `end` lets nothing go on.
 */
export class TaskBoard {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onDone: () => void;
  readonly #running = new Set<Promise<void>>();
  readonly #occupied = new Set<string>();
  #ended = new AbortController();
  readonly #attempts = new Map<string, Attempt>();

  constructor({ clock, logger, onDone }: { clock: Clock; logger: Logger; onDone: () => void }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#onDone = onDone;
  }

  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Starts the work unless something works on the same, or it has failed lately. */
  start({ name, on, run: work }: Task, description: object): void {
    if (on.some((one) => this.#occupied.has(one))) return;
    const attempt = this.#attempts.get(name);
    if (attempt && this.#clock.nowMs() < attempt.notBefore) return;
    for (const one of on) this.#occupied.add(one);
    const attempted = work(this.#ended.signal).then(
      () => {
        this.#attempts.delete(name);
      },
      (error: unknown) => {
        this.#logger.warn({ task: name, ...description, err: messageOf(error) }, 'repair failed; it is tried again');
        this.#putOff(name);
      },
    );
    const run = attempted.finally(() => {
      this.#running.delete(run);
      for (const one of on) this.#occupied.delete(one);
      this.#onDone();
    });
    this.#running.add(run);
  }

  /** Waits a moment for what runs to end by itself. What then still does sends the statement that it is at, and no other. */
  async end(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([Promise.all(this.#running), late]);
    clearTimeout(timer);
    this.#ended.abort();
    this.#ended = new AbortController();
  }

  #putOff(name: string): void {
    const failures = (this.#attempts.get(name)?.failures ?? 0) + 1;
    const pauseMs = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs);
    this.#attempts.set(name, { failures, notBefore: this.#clock.nowMs() + pauseMs });
  }
}
