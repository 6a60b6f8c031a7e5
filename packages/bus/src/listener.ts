import type { Msg, NatsConnection, Subscription as NatsSubscription } from '@nats-io/transport-node';
import { parseEvent } from '@pilotfish/events';
import type { BusLogger, BusMetrics, EventHandler } from './bus.ts';
import { LogLimiter } from './log-limiter.ts';
import { errorText } from './nats-error.ts';
import type { Problems } from './problems.ts';

export interface ListenerOptions {
  readonly pattern: string;
  readonly handler: EventHandler;
  readonly metrics: BusMetrics;
  readonly logger: BusLogger;
  readonly problems: Problems;
  /** Pause before asking again for a subscription that the server refused, in ms. */
  readonly retryMs: number;
}

const logIntervalMs = 10_000;

/**
 * One core subscription. Messages are handled in the call that receives them: nothing queues up here, and the fast path
 * stays fast.
 */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #limiter = new LogLimiter(logIntervalMs);
  #connection: NatsConnection | undefined;
  #subscription: NatsSubscription | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** A connection that comes back keeps its subscriptions; only a refused one is asked for again. */
  attach(connection: NatsConnection): void {
    if (this.#connection === connection && this.#subscription !== undefined) return;
    this.close();
    this.#connection = connection;
    const subscription = connection.subscribe(this.#options.pattern, {
      callback: (error, message) => {
        if (error === null) this.#receive(message);
        else if (this.#subscription === subscription) this.#refused(connection, error);
      },
    });
    this.#subscription = subscription;
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#connection = undefined;
    if (this.#subscription?.isClosed() === false) this.#subscription.unsubscribe();
    this.#subscription = undefined;
  }

  #refused(connection: NatsConnection, error: Error): void {
    const { pattern, problems, retryMs } = this.#options;
    problems.report(`subscription ${pattern}`, `may not subscribe to ${pattern}: ${errorText(error)}`);
    this.#subscription = undefined;
    this.#retry = setTimeout(() => {
      if (!connection.isClosed()) this.attach(connection);
    }, retryMs);
  }

  #receive(message: Msg): void {
    const { handler, metrics, problems, pattern } = this.#options;
    problems.clear(`subscription ${pattern}`);
    const result = parseEvent(message.subject, message.headers, message.data);
    if (!result.ok) {
      metrics.received(result.problem.kind);
      if (result.problem.kind !== 'UnknownEvent') this.#warn(result.problem.kind, result.problem.message);
      return;
    }
    try {
      // A handler may be synchronous: then the message is done with when this returns.
      const pending = handler(result.event);
      if (pending === undefined) metrics.received('handled');
      else pending.then(() => metrics.received('handled'), this.#handlerFailed);
    } catch (error) {
      this.#handlerFailed(error);
    }
  }

  readonly #handlerFailed = (error: unknown): void => {
    this.#options.metrics.received('failed');
    this.#warn('failed', errorText(error));
  };

  #warn(kind: string, detail: string): void {
    const admitted = this.#limiter.admit(kind);
    if (admitted === undefined) return;
    const { logger, pattern } = this.#options;
    const text = kind === 'failed' ? 'event handler failed' : 'message that is no event was ignored';
    logger.warn({ pattern, kind, detail, suppressed: admitted.suppressed }, text);
  }
}
