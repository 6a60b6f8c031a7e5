import type { Bus, BusLogger, BusMetrics } from './bus.ts';
import { Link, type LinkOptions } from './link.ts';
import { Listener } from './listener.ts';
import { nullBus } from './null-bus.ts';
import { Problems } from './problems.ts';
import { Publisher } from './publisher.ts';
import { StreamKeeper } from './stream-keeper.ts';
import { type BusTiming, defaultTiming } from './timing.ts';

export interface BusOptions extends LinkOptions {
  readonly metrics: BusMetrics;
  readonly logger: BusLogger;
  /** Most events that wait while NATS is away: 1,000 unless given. */
  readonly outboxCapacity?: number;
  readonly timing?: Partial<BusTiming>;
}

export const defaultOutboxCapacity = 1_000;
const defaultFlushMs = 1_000;

/** Returns at once, whether NATS is there or not, and goes on connecting until it is closed. No servers: `nullBus`. */
export function connectBus(options: BusOptions): Bus {
  if (options.servers.length === 0) return nullBus;
  const { metrics, logger, outboxCapacity: capacity = defaultOutboxCapacity } = options;
  const timing = { ...defaultTiming, ...options.timing };
  const problems = new Problems(logger);
  const listeners = new Set<Listener>();

  const stream = new StreamKeeper({ timing, logger, problems, onReady: () => publisher.wake() });
  const publisher = new Publisher({ capacity, timing, metrics, problems, onNoStream: () => stream.check() });
  let current: Parameters<Listener['attach']>[0] | undefined;
  const link = new Link(
    options,
    timing,
    { logger, metrics, problems },
    {
      up: (connection) => {
        current = connection;
        for (const listener of listeners) listener.attach(connection);
        publisher.attach(connection);
        stream.attach(connection);
      },
      down: () => {
        publisher.detach();
        stream.detach();
      },
    },
  );

  return {
    publish: (event) => publisher.publish(event),
    subscribe: (pattern, handler) => {
      const listener = new Listener({ pattern, handler, metrics, logger, problems, retryMs: timing.retryCapMs });
      listeners.add(listener);
      if (current !== undefined && !current.isClosed()) listener.attach(current);
      return {
        close: () => {
          listeners.delete(listener);
          listener.close();
        },
      };
    },
    ensureStream: (streamOptions = {}) => stream.ensure(streamOptions),
    get status() {
      return { connected: link.connected, outbox: publisher.waiting, problems: problems.messages };
    },
    close: async ({ flushMs = defaultFlushMs } = {}) => {
      await publisher.flush(flushMs);
      for (const listener of listeners) listener.close();
      listeners.clear();
      await link.close();
      publisher.detach();
      stream.detach();
    },
  };
}
