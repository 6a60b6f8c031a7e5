import type { BusMetrics } from './bus.ts';

/** What the bus needs of a metrics registry. */
export interface MetricFactory {
  counter(options: { name: string; help: string; labelNames: string[] }): {
    inc(labels: Record<string, string>, value?: number): void;
  };
  gauge(options: { name: string; help: string; labelNames: string[] }): { set(value: number): void };
}

export interface BusMetricRow {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
}

const rows = {
  connected: {
    name: 'pilotfish_bus_connected',
    help: '1 while connected to NATS',
    type: 'gauge',
    labels: [],
  },
  outbox: {
    name: 'pilotfish_bus_outbox_events',
    help: 'Events that wait to be acknowledged by the stream',
    type: 'gauge',
    labels: [],
  },
  published: {
    name: 'pilotfish_bus_published_total',
    help: 'Publications by outcome (stored, duplicate, retried, refused, dropped)',
    type: 'counter',
    labels: ['outcome'],
  },
  received: {
    name: 'pilotfish_bus_received_total',
    help: 'Messages received by outcome (handled, failed, or why the message is no event)',
    type: 'counter',
    labels: ['outcome'],
  },
} as const satisfies Record<string, BusMetricRow>;

/** The metrics of the bus, for the reference page. */
export const busMetricRows: readonly BusMetricRow[] = Object.values(rows);

/** The metrics of the bus, bound to a registry. */
export function busMetrics(factory: MetricFactory): BusMetrics {
  const create = (row: BusMetricRow) => ({ name: row.name, help: row.help, labelNames: [...row.labels] });
  const connected = factory.gauge(create(rows.connected));
  const outbox = factory.gauge(create(rows.outbox));
  const published = factory.counter(create(rows.published));
  const received = factory.counter(create(rows.received));
  for (const outcome of ['stored', 'duplicate', 'retried', 'refused', 'dropped']) published.inc({ outcome }, 0);
  for (const outcome of ['handled', 'failed']) received.inc({ outcome }, 0);
  return {
    connected: (up) => connected.set(up ? 1 : 0),
    outbox: (size) => outbox.set(size),
    published: (outcome) => published.inc({ outcome }),
    received: (outcome) => received.inc({ outcome }),
  };
}
