import type { Clock, Logger } from '@pilotfish/service';
import { decideIsolation, isIsolated } from './isolation.ts';
import { lookDeadlineMs, type MysqldView } from './local-mysql.ts';
import type { AgentMetrics } from './metrics.ts';
import { messageOf } from './refusal.ts';

/** The world outside the pod. */
export interface Contacts {
  /** Whether anything outside answers, within about a second. Never rejects. */
  reach(): Promise<boolean>;
  /** Whether the cluster has been this one instance for long enough. */
  isSolo(): boolean;
}

/** The mysqld that may have to be closed. */
export interface ClosableMysqld {
  look(maxAgeMs?: number): Promise<MysqldView>;
  close(deadlineMs: number): Promise<void>;
  kill(): Promise<number | undefined>;
}

export interface IsolationWatchOptions {
  readonly contacts: Contacts;
  readonly mysqld: ClosableMysqld;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: AgentMetrics;
}

const intervalMs = 1000;

/** Once a second: does anything outside answer, is mysqld writable, and must that end? */
export class IsolationWatch {
  readonly #options: IsolationWatchOptions;
  #lastContactMs: number;
  #lastAnswer: 'writable' | 'closed' | undefined;
  #closingFailed = false;

  constructor(options: IsolationWatchOptions) {
    this.#options = options;
    this.#lastContactMs = options.clock.nowMs();
  }

  get isolated(): boolean {
    const { clock, timeoutMs } = this.#options;
    return isIsolated({ nowMs: clock.nowMs(), lastContactMs: this.#lastContactMs, timeoutMs });
  }

  get lastContactMsAgo(): number {
    return Math.max(0, Math.round(this.#options.clock.nowMs() - this.#lastContactMs));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const beganMs = clock.nowMs();
      await this.tick();
      await clock.sleep(Math.max(0, intervalMs - (clock.nowMs() - beganMs)), signal).catch(() => undefined);
    }
  }

  /** One look and what follows from it. Never rejects. */
  async tick(): Promise<void> {
    const { contacts, mysqld, timeoutMs, clock } = this.#options;
    const askedMs = clock.nowMs();
    const [reached, view] = await Promise.all([contacts.reach(), mysqld.look(intervalMs / 2)]);
    // Not the time of the answer: what counts is when the outside was certainly there.
    if (reached) this.#lastContactMs = askedMs;
    const writable = this.#writable(view);
    if (writable !== 'yes') this.#closingFailed = false;
    const decision = decideIsolation({
      nowMs: clock.nowMs(),
      lastContactMs: this.#lastContactMs,
      timeoutMs,
      writable,
      solo: contacts.isSolo(),
      closingFailed: this.#closingFailed,
    });
    if (decision !== 'stay') await this.#act(decision);
  }

  #writable(view: MysqldView): 'yes' | 'no' | 'maybe' {
    switch (view.kind) {
      case 'answering':
        this.#lastAnswer = view.readOnly ? 'closed' : 'writable';
        return view.readOnly ? 'no' : 'yes';
      case 'silent':
        return this.#lastAnswer === 'closed' ? 'no' : 'maybe';
      // Not there, or starting: it starts read-only, and only who can reach it opens it.
      case 'absent':
        this.#lastAnswer = undefined;
        return 'no';
      case 'denied':
        return 'no';
      default:
        return view satisfies never;
    }
  }

  async #act(decision: 'close' | 'kill'): Promise<void> {
    const { mysqld, logger, metrics } = this.#options;
    logger.warn({ decision, lastContactMsAgo: this.lastContactMsAgo }, 'isolated: this instance stops taking writes');
    metrics.isolationActions.inc({ action: decision });
    try {
      if (decision === 'kill') {
        await mysqld.kill();
        this.#closingFailed = false;
        return;
      }
      await mysqld.close(lookDeadlineMs);
    } catch (error: unknown) {
      logger.error({ decision, detail: messageOf(error) }, 'closing failed');
      if (decision === 'kill') return;
      this.#closingFailed = true;
      await this.#act('kill');
    }
  }
}
