import type { BusLogger } from './bus.ts';
import { LogLimiter } from './log-limiter.ts';

const logIntervalMs = 30_000;

/**
 * What goes wrong at present, by subject matter. Each is logged when it begins and when it ends, and seldom while it
 * lasts or comes and goes.
 */
export class Problems {
  readonly #logger: BusLogger;
  readonly #limiter = new LogLimiter(logIntervalMs);
  readonly #present = new Map<string, { message: string; logged: boolean }>();

  constructor(logger: BusLogger) {
    this.#logger = logger;
  }

  get messages(): string[] {
    return [...this.#present.values()].map(({ message }) => message);
  }

  /** `key` names the subject matter, from a closed set. */
  report(key: string, message: string): void {
    const admitted = this.#limiter.admit(key);
    const logged = admitted !== undefined || this.#present.get(key)?.logged === true;
    this.#present.set(key, { message, logged });
    if (admitted !== undefined) this.#logger.warn({ problem: message, ...admitted }, 'NATS problem');
  }

  clear(key: string): void {
    const present = this.#present.get(key);
    if (present === undefined) return;
    this.#present.delete(key);
    if (present.logged) this.#logger.info({ problem: present.message }, 'NATS problem is over');
  }
}
