import type { Clock } from '@pilotfish/service';
import type { Plan, Step } from '@pilotfish/topology';

/** A plan that runs or ran, as it is shown. Times: ISO 8601, durations in milliseconds. */
export interface RunReport {
  readonly id: string;
  /** The operation that was ordered; of plans that the engine made by itself, their kind. */
  readonly operation: string;
  readonly kind: Plan['kind'];
  /** Who ordered it; empty: the engine decided it. */
  readonly by: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  /** The epoch in which it was begun. */
  readonly epoch: number;
  readonly startedAt: string;
  readonly state: 'running' | 'succeeded' | 'failed';
  readonly tookMs?: number;
  /** Why it failed. */
  readonly message?: string;
  readonly steps: readonly StepReport[];
}

export interface StepReport extends Pick<Step, 'do' | 'instance' | 'source' | 'deadlineMs' | 'otherwise'> {
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly tookMs?: number;
  readonly message?: string;
}

export interface RunStart {
  readonly id: string;
  readonly operation: string;
  readonly by: string;
  readonly epoch: number;
  readonly plan: Plan;
}

const keptRuns = 100;

/** The plans of one cluster that ran lately, and how far the one that runs has come. */
export class RunLog {
  readonly #clock: Clock;
  readonly #runs: RunRecorder[] = [];
  readonly #listeners = new Set<(report: RunReport) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(start: RunStart): RunRecorder {
    const recorder = new RunRecorder(start, this.#clock, (report) => {
      for (const listener of this.#listeners) listener(report);
    });
    this.#runs.push(recorder);
    if (this.#runs.length > keptRuns) this.#runs.shift();
    return recorder;
  }

  /** The latest first. */
  list(): RunReport[] {
    return this.#runs.map(({ report }) => report).reverse();
  }

  get(id: string): RunReport | undefined {
    return this.#runs.find(({ report }) => report.id === id)?.report;
  }

  get running(): RunReport | undefined {
    return this.#runs.find(({ report }) => report.state === 'running')?.report;
  }

  /** Calls back at each change of a run, until the returned function is called. */
  onChange(listener: (report: RunReport) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** Takes down how a run goes. */
export class RunRecorder {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #onChange: (report: RunReport) => void;
  readonly #stepStarts = new Map<Step, number>();
  readonly #order: Step[];
  #report: RunReport;

  constructor({ plan, ...start }: RunStart, clock: Clock, onChange: (report: RunReport) => void) {
    const { kind, from, to, reason, steps } = plan;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#startedMs = clock.nowMs();
    this.#order = [...steps];
    this.#report = {
      ...start,
      kind,
      from,
      to,
      reason,
      startedAt: clock.wall().toISOString(),
      state: 'running',
      steps: steps.map(waiting),
    };
  }

  get report(): RunReport {
    return this.#report;
  }

  stepBegins(step: Step): void {
    this.#stepStarts.set(step, this.#clock.nowMs());
    this.#set(step, { state: 'running' });
  }

  stepEnds(step: Step, failure: Error | undefined): void {
    const tookMs = Math.round(this.#clock.nowMs() - (this.#stepStarts.get(step) ?? this.#startedMs));
    this.#set(step, { state: failure ? 'failed' : 'done', tookMs, ...(failure && { message: failure.message }) });
  }

  /** `failure`: why it was given up; undefined when it came to its end. `to`: who was promoted in the end. */
  ends(to: string, failure: string | undefined): void {
    const tookMs = Math.round(this.#clock.nowMs() - this.#startedMs);
    const state = failure === undefined ? 'succeeded' : 'failed';
    this.#change({ to, state, tookMs, ...(failure !== undefined && { message: failure }) });
  }

  #set(step: Step, change: Partial<StepReport>): void {
    if (!this.#order.includes(step)) this.#order.push(step);
    const index = this.#order.indexOf(step);
    const steps = this.#order.map((one, at) => this.#report.steps[at] ?? waiting(one));
    this.#change({ steps: steps.map((one, at) => (at === index ? { ...one, ...change } : one)) });
  }

  #change(change: Partial<RunReport>): void {
    this.#report = { ...this.#report, ...change };
    this.#onChange(this.#report);
  }
}

function waiting({ do: what, instance, source, deadlineMs, otherwise }: Step): StepReport {
  return {
    do: what,
    ...(instance !== undefined && { instance }),
    ...(source !== undefined && { source }),
    deadlineMs,
    otherwise,
    state: 'waiting',
  };
}
