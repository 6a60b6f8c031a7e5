import { busMetricRows } from '@pilotfish/bus';
import { type MetricRow, type Metrics, metricOptions } from '@pilotfish/service';
import { type Decision, membersToSee, type Plan, type Snapshot, viewOf, witnessesOf } from '@pilotfish/topology';

const perCluster = ['namespace', 'cluster'] as const;

const rows = {
  owned: {
    name: 'pilotfish_topology_clusters',
    help: 'Clusters that this engine looks after',
    type: 'gauge',
    labels: [],
  },
  plans: {
    name: 'pilotfish_topology_plans_total',
    help: 'Plans that were run, by kind (bootstrap, failover, switchover, reopen) and outcome (done, failed)',
    type: 'counter',
    labels: [...perCluster, 'kind', 'outcome'],
  },
  epoch: {
    name: 'pilotfish_cluster_epoch',
    help: 'The epoch: how many primaries the cluster has had',
    type: 'gauge',
    labels: perCluster,
  },
  writable: {
    name: 'pilotfish_cluster_writable',
    help: '1 while the primary is open and published',
    type: 'gauge',
    labels: perCluster,
  },
  held: {
    name: 'pilotfish_cluster_held',
    help: '1 while something is wrong and nothing is done, see status.topology.hold',
    type: 'gauge',
    labels: perCluster,
  },
  unavailable: {
    name: 'pilotfish_cluster_write_unavailable_seconds_total',
    help: 'Time without an open primary, as seen by the engine',
    type: 'counter',
    labels: perCluster,
  },
  acks: {
    name: 'pilotfish_cluster_commit_acknowledgements',
    help: 'Replicas that hold each commit before it is acknowledged (k)',
    type: 'gauge',
    labels: perCluster,
  },
  spare: {
    name: 'pilotfish_cluster_failover_spare_witnesses',
    help: 'Members of the ack set that answer beyond those that a failover must see; below 0 a failover would be held',
    type: 'gauge',
    labels: perCluster,
  },
  answering: {
    name: 'pilotfish_cluster_instances_answering',
    help: 'Instances that answer SQL',
    type: 'gauge',
    labels: perCluster,
  },
} as const satisfies Record<string, MetricRow>;

/** All metrics that are this service's own, and those of its bus. */
export function describeMetrics(): readonly MetricRow[] {
  return [...Object.values(rows), ...busMetricRows];
}

export interface EngineMetrics {
  observe(key: string, snapshot: Snapshot, decision: Decision): void;
  planRun(key: string, kind: Plan['kind'], ok: boolean): void;
  owned(clusters: number): void;
  forget(key: string): void;
}

export function engineMetrics(metrics: Metrics, nowMs: () => number): EngineMetrics {
  const owned = metrics.gauge(metricOptions(rows.owned));
  const plans = metrics.counter(metricOptions(rows.plans));
  const gauges = {
    epoch: metrics.gauge(metricOptions(rows.epoch)),
    writable: metrics.gauge(metricOptions(rows.writable)),
    held: metrics.gauge(metricOptions(rows.held)),
    acks: metrics.gauge(metricOptions(rows.acks)),
    spare: metrics.gauge(metricOptions(rows.spare)),
    answering: metrics.gauge(metricOptions(rows.answering)),
  };
  const unavailable = metrics.counter(metricOptions(rows.unavailable));
  const lastOpen = new Map<string, number>();
  return {
    observe: (key, { recorded, instances }, { hold }) => {
      const labels = labelsOf(key);
      const answering = instances.filter((instance) => viewOf(instance));
      const seen = witnessesOf(recorded.ackSet, answering).length;
      const need = membersToSee(recorded.ackSet);
      const open = recorded.writable && answering.some((instance) => instance.name === recorded.primary);
      gauges.epoch.set(labels, recorded.epoch);
      gauges.writable.set(labels, open ? 1 : 0);
      gauges.held.set(labels, hold ? 1 : 0);
      gauges.acks.set(labels, recorded.ackSet.k);
      gauges.spare.set(labels, Number.isFinite(need) ? seen - need : -1);
      gauges.answering.set(labels, answering.length);
      const now = nowMs();
      const before = lastOpen.get(key) ?? now;
      unavailable.inc(labels, open ? 0 : (now - before) / 1_000);
      lastOpen.set(key, now);
    },
    planRun: (key, kind, ok) => plans.inc({ ...labelsOf(key), kind, outcome: ok ? 'done' : 'failed' }),
    owned: (clusters) => owned.set(clusters),
    forget: (key) => {
      lastOpen.delete(key);
      for (const gauge of Object.values(gauges)) gauge.remove(labelsOf(key));
    },
  };
}

function labelsOf(key: string): { namespace: string; cluster: string } {
  const [namespace = '', cluster = ''] = key.split('/');
  return { namespace, cluster };
}
