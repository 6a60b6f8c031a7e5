import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection, PermissionViolationError, type Status } from '@nats-io/transport-node';
import type { BusLogger, BusMetrics } from './bus.ts';
import { errorText } from './nats-error.ts';
import type { Problems } from './problems.ts';
import type { BusTiming } from './timing.ts';

export interface LinkOptions {
  readonly servers: string | readonly string[];
  readonly user?: string | undefined;
  /** A function is asked at each attempt, so that a rotated password is taken up. */
  readonly pass?: string | (() => string) | undefined;
  /** `<service>/<pod>`, for the server's monitoring pages. */
  readonly name: string;
}

export interface LinkEvents {
  /** A connection can be used; for the same one again after the client has reconnected. */
  up(connection: NatsConnection): void;
  down(): void;
}

/**
 * Keeps one connection for as long as it is not closed. The client reconnects by itself once it was connected; the
 * first attempts are made here, because the client's own waiting can neither be cancelled nor be asked what is wrong.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #timing: BusTiming;
  readonly #events: LinkEvents;
  readonly #report: { logger: BusLogger; metrics: BusMetrics; problems: Problems };
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #connection: NatsConnection | undefined;
  #connected = false;

  constructor(
    options: LinkOptions,
    timing: BusTiming,
    report: { logger: BusLogger; metrics: BusMetrics; problems: Problems },
    events: LinkEvents,
  ) {
    this.#options = options;
    this.#timing = timing;
    this.#report = report;
    this.#events = events;
    report.metrics.connected(false);
    this.#running = this.#run();
  }

  get connected(): boolean {
    return this.#connected;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#connection?.close();
    await this.#running;
  }

  #isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping()) {
      const connection = await this.#connect();
      if (connection !== undefined) {
        await this.#serve(connection);
      }
      await sleep(this.#timing.reconnectMs * (1 + Math.random()), undefined, { signal: this.#stop.signal }).catch(
        () => undefined,
      );
    }
  }

  async #connect(): Promise<NatsConnection | undefined> {
    const { servers, user, pass, name } = this.#options;
    try {
      return await connect({
        servers: typeof servers === 'string' ? servers.split(',') : [...servers],
        name,
        ...(user === undefined ? {} : { user, inboxPrefix: `_INBOX_${user}` }),
        ...(pass === undefined ? {} : { pass: typeof pass === 'string' ? pass : pass() }),
        maxReconnectAttempts: -1,
        reconnectTimeWait: this.#timing.reconnectMs,
        reconnectJitter: this.#timing.reconnectMs,
        timeout: this.#timing.requestTimeoutMs,
        pingInterval: this.#timing.pingIntervalMs,
        maxPingOut: 2,
        // Without it, a password that is rotated on the server first ends the client for ever.
        ignoreAuthErrorAbort: true,
        noAsyncTraces: true,
      });
    } catch (error) {
      this.#report.problems.report('connection', `cannot connect to NATS: ${errorText(error)}`);
      return undefined;
    }
  }

  /** Until this connection is closed, by us or because the client gave up. */
  async #serve(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    if (this.#isStopping()) {
      await connection.close();
      return;
    }
    this.#setUp(connection);
    for await (const status of connection.status()) this.#heed(status, connection);
    const reason = await connection.closed();
    this.#setDown();
    this.#connection = undefined;
    if (!this.#isStopping()) {
      this.#report.problems.report('connection', `NATS connection ended: ${errorText(reason ?? 'closed')}`);
    }
  }

  #heed(status: Status, connection: NatsConnection): void {
    switch (status.type) {
      case 'reconnect':
        this.#setUp(connection);
        return;
      case 'disconnect':
        this.#setDown();
        return;
      case 'error':
        if (!(status.error instanceof PermissionViolationError)) {
          this.#report.problems.report('connection', `NATS: ${errorText(status.error)}`);
        }
        return;
      case 'update':
      case 'ldm':
      case 'ping':
      case 'reconnecting':
      case 'staleConnection':
      case 'forceReconnect':
      case 'slowConsumer':
      case 'close':
        return;
      default:
        status satisfies never;
    }
  }

  #setUp(connection: NatsConnection): void {
    this.#connected = true;
    this.#report.problems.clear('connection');
    this.#report.metrics.connected(true);
    this.#report.logger.info({ server: connection.getServer() }, 'connected to NATS');
    this.#events.up(connection);
  }

  #setDown(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#report.metrics.connected(false);
    if (!this.#isStopping()) this.#report.problems.report('connection', 'NATS connection lost');
    this.#events.down();
  }
}
