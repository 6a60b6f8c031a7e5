import { type Clock, type Logger, messageOf } from '@pilotfish/service';

interface Attempt {
  readonly failures: number;
  readonly notBefore: number;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/** A piece of work: what it is called, and the instance that it works on, if it is one. */
export interface Task {
  readonly name: string;
  readonly instance: string | undefined;
  /** Ends at its next statement when the signal is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/**
 * Work that runs beside the loop: at most one piece of each name, and one on each instance. What failed is not tried again
 * before a pause, which doubles with each failure; `end` lets nothing go on.
 */
export class TaskBoard {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onDone: () => void;
  readonly #running = new Map<string, Promise<void>>();
  readonly #instances = new Set<string>();
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

  /** Starts the work unless it runs already, something else works on its instance, or it has failed lately. */
  start({ name, instance, run: work }: Task, description: object): void {
    if (this.#running.has(name) || (instance !== undefined && this.#instances.has(instance))) return;
    const attempt = this.#attempts.get(name);
    if (attempt && this.#clock.nowMs() < attempt.notBefore) return;
    if (instance !== undefined) this.#instances.add(instance);
    const run = work(this.#ended.signal).then(
      () => {
        this.#attempts.delete(name);
      },
      (error: unknown) => {
        this.#logger.warn({ task: name, ...description, err: messageOf(error) }, 'repair failed; it is tried again');
        this.#putOff(name);
      },
    );
    this.#running.set(
      name,
      run.finally(() => {
        this.#running.delete(name);
        if (instance !== undefined) this.#instances.delete(instance);
        this.#onDone();
      }),
    );
  }

  /** Waits a moment for what runs to end by itself. What then still does sends the statement that it is at, and no other. */
  async end(deadlineMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([Promise.all(this.#running.values()), late]);
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
