import type { Counter, Gauge, Metrics } from '@pilotfish/service';

interface MetricDeclaration {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of the agent, its process's own (CPU, memory) aside. One pod is one target, so no label names the instance. */
const declarations = {
  mysqldRunning: gauge('mysqld_running', 'Whether a mysqld process runs.'),
  mysqldStopped: gauge('mysqld_stopped', 'Whether the mysqld process is stopped by a signal (SIGSTOP).'),
  mysqldHeld: gauge('mysqld_held', 'Whether mysqld is kept from starting.'),
  ready: gauge('ready', 'Whether mysqld answers and has data to serve.'),
  writable: gauge('writable', 'Whether mysqld takes writes.'),
  lastContact: gauge('last_contact_seconds', 'Time since the API server or another instance answered.'),
  isolationActions: counter(
    'isolation_actions_total',
    'Times this instance stopped taking writes because it was isolated.',
    'action',
  ),
  fences: counter('fences_total', 'Times mysqld was killed on request.'),
  rewinds: counter('rewinds_total', 'Binary logs looked at for their unacknowledged end, by outcome.', 'outcome'),
  heartbeats: counter('heartbeats_total', 'Heartbeats by outcome.', 'outcome'),
  clones: counter('clones_total', 'Clones into this instance by outcome.', 'outcome'),
  errantSaves: gauge('errant_saves', 'Saved sets of errant transactions on the volume.'),
  errantBytes: gauge('errant_saved_bytes', 'Size of the saved errant transactions on the volume.'),
  dataBytes: gauge('data_volume_bytes', 'Size of the data volume.'),
  dataFreeBytes: gauge('data_volume_free_bytes', 'Space left on the data volume.'),
  dataReadOnly: gauge('data_volume_read_only', 'Whether the data volume is mounted read-only.'),
  preStops: counter('pre_stops_total', 'Waits before the pod ended, by what ended them.', 'verdict'),
  requests: counter('http_requests_total', 'Requests to the agent by status.', 'status'),
} as const;

type Declarations = typeof declarations;
type LabelOf<D extends MetricDeclaration> = D['labels'][number];

/** The metrics by their names here. */
export type AgentMetrics = {
  readonly [K in keyof Declarations]: Declarations[K]['type'] extends 'counter'
    ? Counter<LabelOf<Declarations[K]>>
    : Gauge<LabelOf<Declarations[K]>>;
};

export interface MetricDescription {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
}

/** For the generated reference. */
export function describeMetrics(): MetricDescription[] {
  return Object.values(declarations).map(({ name, help, type, labels }) => ({ name, help, type, labels }));
}

/** Makes them all, counters without labels at 0. */
export function createMetrics(metrics: Metrics): AgentMetrics {
  const made = Object.entries(declarations).map(([key, { type, name, help, labels }]) => {
    const options = { name, help, labelNames: [...labels] };
    return [key, type === 'counter' ? metrics.counter<string>(options) : metrics.gauge<string>(options)];
  });
  return Object.fromEntries(made) as AgentMetrics;
}

function counter<L extends string = never>(name: string, help: string, ...labels: L[]) {
  return { type: 'counter', name: `pilotfish_agent_${name}`, help, labels } as const;
}

function gauge<L extends string = never>(name: string, help: string, ...labels: L[]) {
  return { type: 'gauge', name: `pilotfish_agent_${name}`, help, labels } as const;
}
