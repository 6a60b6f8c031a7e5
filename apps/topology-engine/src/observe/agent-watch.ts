import type { Clock } from '@pilotfish/service';
import type { AgentView } from '@pilotfish/topology';
import { type AgentClient, AgentRefusal, type AgentState, agentView } from './agent-client.ts';

/** An agent holds a request for 4 s at most; one that has not answered by then is not there. */
const watchDeadlineMs = 6_000;
/** The age after which its word no longer counts. */
const freshMs = 7_000;
const retryMs = 500;
/** For an agent from before `/v1/watch`, beside a mysqld that was not restarted since: it is asked, as it does not push. */
const pollMs = 1_000;
const stateDeadlineMs = 1_000;

export interface AgentWatchOptions {
  readonly client: AgentClient;
  readonly clock: Clock;
  /** Something that the agent tells has changed. */
  readonly onChange: () => void;
}

/** What the agent beside one mysqld pushes: each request is held there until there is something new. */
export class AgentWatch {
  readonly #options: AgentWatchOptions;
  readonly #ended = new AbortController();
  #latest: { readonly state: AgentState; readonly at: number } | undefined;
  #version = '';
  #pushes = true;

  constructor(options: AgentWatchOptions) {
    this.#options = options;
  }

  /** Undefined while the agent does not answer: then it has no say. */
  view(): AgentView | undefined {
    if (!this.#latest || this.#options.clock.nowMs() - this.#latest.at > freshMs) return undefined;
    return agentView(this.#latest.state);
  }

  /** The last answer whatever its age. */
  get state(): AgentState | undefined {
    return this.#latest?.state;
  }

  /** It was told to do something: until it says how that goes, it counts as doing it. */
  assume(change: Partial<AgentState>): void {
    const { state } = this;
    if (state) this.#latest = { state: { ...state, ...change }, at: this.#options.clock.nowMs() };
  }

  /** Watches until `stop`. Never fails. */
  async run(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        await (this.#pushes ? this.#watch(signal) : this.#poll(signal));
      } catch (error: unknown) {
        this.#pushes = !(error instanceof AgentRefusal && error.status === 404);
        await this.#options.clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
  }

  stop(): void {
    this.#ended.abort();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { version, state } = await this.#options.client.watch(this.#version, watchDeadlineMs, signal);
    const isNew = version !== this.#version;
    this.#version = version;
    this.#accept(state, isNew);
  }

  async #poll(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    this.#accept(await client.state(stateDeadlineMs), true);
    await clock.sleep(pollMs, signal).catch(() => undefined);
    // The agent may be a newer one by now.
    this.#pushes = true;
  }

  #accept(state: AgentState, isNew: boolean): void {
    this.#latest = { state, at: this.#options.clock.nowMs() };
    if (isNew) this.#options.onChange();
  }
}
