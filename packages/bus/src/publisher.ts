import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { type DomainEvent, eventHeaders } from '@pilotfish/events';
import type { BusMetrics } from './bus.ts';
import { errorText, isRefusal } from './nats-error.ts';
import { Outbox, type OutboxEntry } from './outbox.ts';
import type { Problems } from './problems.ts';
import { type BusTiming, retryDelayMs } from './timing.ts';

export interface PublisherOptions {
  /** Most events that wait; see `Outbox`. */
  readonly capacity: number;
  readonly timing: BusTiming;
  readonly metrics: BusMetrics;
  readonly problems: Problems;
  /** The stream did not answer: it may be gone. */
  readonly onNoStream: () => void;
}

/** Publications under way at once. After a failure only one is, until it succeeds, so that order is mended. */
const window = 64;

/**
 * Empties the outbox into the stream. Two states: *flowing* (an event is sent in the very call that publishes it) and
 * *probing* (after a failure: the oldest event alone, after growing pauses). Entries leave the outbox when the stream
 * has acknowledged them or the server has refused them for good; repeated ones are recognised by their id.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #outbox: Outbox;
  #client: JetStreamClient | undefined;
  /** Counts connections: answers to what was sent over an earlier one are ignored. */
  #generation = 0;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.capacity);
  }

  get waiting(): number {
    return this.#outbox.size;
  }

  publish(event: DomainEvent): void {
    if (this.#outbox.add(event) !== undefined) {
      this.#options.metrics.published('dropped');
      this.#options.problems.report('outbox', 'outbox is full: the oldest events are dropped');
    }
    this.#pump();
  }

  attach(connection: NatsConnection): void {
    this.detach();
    this.#client = jetstream(connection, { timeout: this.#options.timing.requestTimeoutMs });
    this.#failures = 0;
    this.#pump();
  }

  detach(): void {
    this.#generation += 1;
    this.#client = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#outbox.putAllBack();
  }

  /** Whoever waits for the stream may try again now: it was made. */
  wake(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#pump();
  }

  /** Resolves when nothing waits any more, or after `ms`. */
  async flush(ms: number): Promise<void> {
    if (this.#outbox.size === 0 || this.#client === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #pump(): void {
    const limit = this.#failures === 0 ? window : 1;
    while (this.#client !== undefined && this.#retry === undefined && this.#outbox.taken < limit) {
      const entry = this.#outbox.take();
      if (entry === undefined) break;
      void this.#send(this.#client, entry, this.#generation);
    }
    this.#options.metrics.outbox(this.#outbox.size);
  }

  async #send(client: JetStreamClient, entry: OutboxEntry, generation: number): Promise<void> {
    const { event } = entry;
    try {
      const attributes = headers();
      for (const [name, value] of Object.entries(eventHeaders(event))) attributes.set(name, value);
      const payload = JSON.stringify(event.data);
      const ack = await client.publish(event.subject, payload, { msgID: event.id, headers: attributes });
      if (generation === this.#generation) this.#stored(entry, ack.duplicate);
    } catch (error) {
      if (generation === this.#generation) this.#failed(entry, error);
    }
  }

  #stored(entry: OutboxEntry, duplicate: boolean): void {
    this.#options.metrics.published(duplicate ? 'duplicate' : 'stored');
    this.#failures = 0;
    for (const problem of ['publish', 'refused', 'outbox']) this.#options.problems.clear(problem);
    this.#settle(entry);
  }

  #failed(entry: OutboxEntry, error: unknown): void {
    const { metrics, problems, timing, onNoStream } = this.#options;
    if (isRefusal(error)) {
      metrics.published('refused');
      problems.report('refused', `${entry.event.name} was refused: ${errorText(error)}`);
      this.#settle(entry);
      return;
    }
    metrics.published('retried');
    problems.report('publish', `events wait for the stream: ${errorText(error)}`);
    this.#outbox.putBack(entry);
    // Others that were sent together fail together: one pause for all of them.
    if (this.#retry === undefined) {
      this.#retry = setTimeout(
        () => {
          this.wake();
        },
        retryDelayMs(this.#failures, timing),
      );
      this.#failures += 1;
    }
    onNoStream();
    this.#pump();
  }

  #settle(entry: OutboxEntry): void {
    this.#outbox.settle(entry);
    if (this.#outbox.size === 0) this.#onEmpty?.();
    this.#pump();
  }
}
