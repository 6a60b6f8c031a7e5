import type { Clock } from '@pilotfish/service';
import type { AgentState } from './agent-state.ts';

/** What whoever watches gets: the state, and what to ask with next time. */
export interface Report {
  readonly version: string;
  readonly state: AgentState;
}

export interface ReportWatchOptions {
  readonly gather: () => Promise<AgentState>;
  readonly clock: Clock;
  /** Tells this agent's life from the one before it: a version of another life is never current. */
  readonly life: string;
}

/** Between two looks while somebody watches: the backstop for what nothing announces. */
const lookMs = 1_000;
/** Right after something was announced its effect may not show yet: a process that ends closes its sockets first. */
const quickLookMs = 50;
const quickLooks = 6;
/** A watcher gets an answer at least this often, so that it knows that the agent lives. */
const longestHoldMs = 4_000;

/**
 * Pushes the agent's report: a request is held until something worth telling has changed, and answered then at once. What
 * changes all the time by a little (free bytes, ages) is in the report and is no change.
 */
export class ReportWatch {
  readonly #options: ReportWatchOptions;
  readonly #waiting = new Set<() => void>();
  #told = '';
  #changes = 0;

  constructor(options: ReportWatchOptions) {
    this.#options = options;
  }

  /** Something has happened: whoever watches looks now. */
  poke(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** The report as soon as its version is another than `since`, and after 4 s in any case. Rejects when the signal is aborted. */
  async next(since: string, signal: AbortSignal): Promise<Report> {
    const { clock } = this.#options;
    const giveUpAt = clock.nowMs() + longestHoldMs;
    let quick = 0;
    for (;;) {
      const report = await this.#look();
      const leftMs = giveUpAt - clock.nowMs();
      if (report.version !== since || leftMs <= 0) return report;
      const isPoked = await this.#pokedWithin(Math.min(quick > 0 ? quickLookMs : lookMs, leftMs), signal);
      quick = isPoked ? quickLooks : Math.max(quick - 1, 0);
    }
  }

  async #look(): Promise<Report> {
    const { gather, life } = this.#options;
    const state = await gather();
    const told = JSON.stringify(worthTelling(state));
    if (told !== this.#told) {
      this.#told = told;
      this.#changes += 1;
    }
    return { version: `${life}.${this.#changes}`, state };
  }

  async #pokedWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#waiting.add(wake);
    try {
      await this.#options.clock.sleep(ms, AbortSignal.any([woken.signal, signal])).catch(() => undefined);
    } finally {
      this.#waiting.delete(wake);
    }
    signal.throwIfAborted();
    return woken.signal.aborted;
  }
}

/** What stands still is told anew each second, until that no longer says more. */
const seconds = (ms: number): number => Math.min(Math.floor(ms / 1_000), 10);

function worthTelling({ mysqld, provisioning, isolation, disk, errantSaved }: AgentState): object {
  const { running, pid, stopped, blank, held, hungMs, awaitingBoundary } = mysqld;
  return {
    mysqld: { running, pid, stopped, blank, held, hungSeconds: seconds(hungMs), awaits: awaitingBoundary?.id },
    phase: provisioning.phase,
    isolated: isolation.isolated,
    disk: {
      readOnly: disk.readOnly,
      stalledSeconds: seconds(disk.stalledMs),
      isFull: disk.freeBytes < disk.totalBytes / 100,
    },
    saved: errantSaved.length,
  };
}
