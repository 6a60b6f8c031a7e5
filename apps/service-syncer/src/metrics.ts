import { busMetricRows } from '@pilotfish/bus';
import { type MetricRow, type Metrics, metricOptions } from '@pilotfish/service';

const rows = {
  labelPatches: {
    name: 'pilotfish_syncer_label_patches_total',
    help: 'Patches of pod labels by outcome (done, gone: the pod was deleted meanwhile, failed)',
    type: 'counter',
    labels: ['outcome'],
  },
  statusWrites: {
    name: 'pilotfish_syncer_status_writes_total',
    help: 'Writes of status.nodes and the condition ReadOnly by outcome (done, gone, failed)',
    type: 'counter',
    labels: ['outcome'],
  },
  standIns: {
    name: 'pilotfish_syncer_stand_ins_total',
    help: 'Times a standby moved labels that the leader had left behind',
    type: 'counter',
    labels: [],
  },
  hints: {
    name: 'pilotfish_syncer_hints_total',
    help: 'primary-opened events by verdict (accepted, known, stale, conflicting, unknown-cluster)',
    type: 'counter',
    labels: ['verdict'],
  },
  ignored: {
    name: 'pilotfish_syncer_ignored_objects_total',
    help: 'Objects that do not make sense and were left alone, by kind (pod, topology, event)',
    type: 'counter',
    labels: ['kind'],
  },
  moveSeconds: {
    name: 'pilotfish_syncer_write_endpoint_move_seconds',
    help: 'From the event primary-opened of the engine to the labels being in place',
    type: 'histogram',
    labels: [],
  },
  writeEndpoint: {
    name: 'pilotfish_cluster_write_endpoint',
    help: '1 while a pod of the cluster is labelled as master, reported by the leader',
    type: 'gauge',
    labels: ['namespace', 'cluster'],
  },
  healthyInstances: {
    name: 'pilotfish_cluster_healthy_instances',
    help: 'Pods of the cluster that are labelled as healthy, reported by the leader',
    type: 'gauge',
    labels: ['namespace', 'cluster'],
  },
} as const satisfies Record<string, MetricRow>;

/** All metrics that are this service's own, and those of its bus. */
export function describeMetrics(): readonly MetricRow[] {
  return [...Object.values(rows), ...busMetricRows];
}

export type WriteOutcome = 'done' | 'gone' | 'failed';
export type HintVerdict = 'accepted' | 'known' | 'stale' | 'conflicting' | 'unknown-cluster';

export interface SyncerMetrics {
  labelPatched(outcome: WriteOutcome): void;
  statusWritten(outcome: WriteOutcome): void;
  stoodIn(): void;
  hinted(verdict: HintVerdict): void;
  ignored(kind: 'pod' | 'topology' | 'event'): void;
  writeEndpointMoved(delayMs: number): void;
  cluster(namespace: string, cluster: string, facts: { hasWriteEndpoint: boolean; healthyInstances: number }): void;
  forget(namespace: string, cluster: string): void;
}

export function syncerMetrics(metrics: Metrics): SyncerMetrics {
  const labelPatches = metrics.counter(metricOptions(rows.labelPatches));
  const statusWrites = metrics.counter(metricOptions(rows.statusWrites));
  const standIns = metrics.counter(metricOptions(rows.standIns));
  const hints = metrics.counter(metricOptions(rows.hints));
  const ignored = metrics.counter(metricOptions(rows.ignored));
  const moveSeconds = metrics.histogram({
    ...metricOptions(rows.moveSeconds),
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
  });
  const writeEndpoint = metrics.gauge(metricOptions(rows.writeEndpoint));
  const healthyInstances = metrics.gauge(metricOptions(rows.healthyInstances));
  for (const counter of [labelPatches, statusWrites]) {
    for (const outcome of ['done', 'gone', 'failed']) counter.inc({ outcome }, 0);
  }
  for (const verdict of ['accepted', 'known', 'stale', 'conflicting', 'unknown-cluster']) hints.inc({ verdict }, 0);
  for (const kind of ['pod', 'topology', 'event']) ignored.inc({ kind }, 0);
  return {
    labelPatched: (outcome) => labelPatches.inc({ outcome }),
    statusWritten: (outcome) => statusWrites.inc({ outcome }),
    stoodIn: () => standIns.inc(),
    hinted: (verdict) => hints.inc({ verdict }),
    ignored: (kind) => ignored.inc({ kind }),
    writeEndpointMoved: (delayMs) => moveSeconds.observe(delayMs / 1_000),
    cluster: (namespace, cluster, facts) => {
      writeEndpoint.set({ namespace, cluster }, facts.hasWriteEndpoint ? 1 : 0);
      healthyInstances.set({ namespace, cluster }, facts.healthyInstances);
    },
    forget: (namespace, cluster) => {
      writeEndpoint.remove({ namespace, cluster });
      healthyInstances.remove({ namespace, cluster });
    },
  };
}
