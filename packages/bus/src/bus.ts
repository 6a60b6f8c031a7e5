import type { DomainEvent, ProblemKind } from '@pilotfish/events';

/**
 * Facts to and from NATS. It is never in the way: no call waits for NATS, none throws when NATS is down. What it
 * brings is a faster word of what is in Kubernetes and MySQL anyway.
 */
export interface Bus {
  /**
   * Stores the event on the stream as soon as it can, and by the same message tells those who listen now. Waits in a
   * bounded outbox while NATS is down; then the oldest events that are not critical are dropped first.
   */
  publish(event: DomainEvent): void;
  /**
   * Hears what is published from now on, as long as both sides are connected: a fast path, for those who also look at
   * the state. Survives reconnects. What is no event is counted and ignored; a handler that fails harms nothing.
   */
  subscribe(pattern: string, handler: EventHandler): Subscription;
  /** Creates the stream or brings it to this configuration, now and whenever it is found missing, in the background. */
  ensureStream(options?: StreamOptions): void;
  readonly status: BusStatus;
  /** Gives what is in the outbox a moment to leave (`flushMs`, 1 s unless given), then closes. Can be called again. */
  close(options?: { readonly flushMs?: number }): Promise<void>;
}

export type EventHandler = (event: DomainEvent) => void | Promise<void>;

export interface Subscription {
  close(): void;
}

export interface StreamOptions {
  /** The oldest events go when the stream gets larger; must fit the server's storage. */
  readonly maxBytes?: number;
  /** Copies in a NATS cluster. */
  readonly replicas?: number;
}

export interface BusStatus {
  /** True without a bus too: there is nothing to wait for. */
  readonly connected: boolean;
  /** Events that wait for the stream's acknowledgement. */
  readonly outbox: number;
  /** What goes wrong at present, for a person: refused credentials, missing permission, stream that cannot be made. */
  readonly problems: readonly string[];
}

/** `stored`, also when it was there already; `retried`; `refused` by the server for good; `dropped` from a full outbox. */
export type PublishOutcome = 'stored' | 'duplicate' | 'retried' | 'refused' | 'dropped';
export type ReceiveOutcome = 'handled' | 'failed' | ProblemKind;

export interface BusMetrics {
  connected(up: boolean): void;
  published(outcome: PublishOutcome): void;
  received(outcome: ReceiveOutcome): void;
  outbox(size: number): void;
}

/** What a pino logger offers, and all that is used of it. */
export interface BusLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
