import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventStream } from '@pilotfish/events';
import { type NatsOptions, startNats } from '@pilotfish/testkit';
import type { Bus, BusLogger, BusMetrics } from './bus.ts';
import { type BusOptions, connectBus } from './connect-bus.ts';

/** Quick, so that tests of outages take moments. */
const timing = { reconnectMs: 20, retryBaseMs: 20, retryCapMs: 100, requestTimeoutMs: 1_000 };

export interface Observed {
  readonly bus: Bus;
  /** How often each outcome was counted, e.g. `stored` or `MalformedPayload`. */
  readonly counts: Map<string, number>;
  readonly lines: { fields: object; message: string }[];
}

export function observedBus(servers: string, options: Partial<BusOptions> = {}): Observed {
  const counts = new Map<string, number>();
  const lines: Observed['lines'] = [];
  const count = (outcome: string): void => {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  };
  const metrics: BusMetrics = {
    connected: () => undefined,
    outbox: () => undefined,
    published: count,
    received: count,
  };
  const log = (fields: object, message: string): void => {
    lines.push({ fields, message });
  };
  const logger: BusLogger = { info: log, warn: log };
  return { bus: connectBus({ servers, name: 'test/bus', metrics, logger, timing, ...options }), counts, lines };
}

/** Waits until `condition` holds; fails after 10 s with its text. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not so after 10 s: ${condition.toString()}`);
    await sleep(10);
  }
}

/** A client outside of our code, with one call each. */
export async function outsider(servers: string) {
  const connection = await connect({ servers });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  return {
    connection,
    manager,
    /** Message ids on the stream, oldest first. */
    storedIds: async (): Promise<string[]> => {
      const { state } = await manager.streams.info(eventStream.name);
      const ids: string[] = [];
      for (let seq = Math.max(state.first_seq, 1); seq <= state.last_seq; seq += 1) {
        const message = await manager.streams.getMessage(eventStream.name, { seq });
        ids.push(message?.header.get('Nats-Msg-Id') ?? '');
      }
      return ids;
    },
    close: () => connection.close(),
  };
}

/** Starters of what a test needs; each is closed after the test, latest first. */
export function testEnvironment({ afterEach }: { afterEach: (hook: () => Promise<void>) => unknown }) {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const closeAfterTest = (close: () => Promise<unknown>): void => {
    closers.push(close);
  };
  return {
    closeAfterTest,
    nats: async (options?: NatsOptions) => {
      const server = await startNats(options);
      closeAfterTest(() => server.close());
      return server;
    },
    bus: (url: string, options?: Partial<BusOptions>) => {
      const observed = observedBus(url, options);
      closeAfterTest(() => observed.bus.close());
      return observed;
    },
    outside: async (url: string) => {
      const client = await outsider(url);
      closeAfterTest(() => client.close());
      return client;
    },
  };
}
