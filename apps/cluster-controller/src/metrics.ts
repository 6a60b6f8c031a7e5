import { busMetricRows } from '@pilotfish/bus';
import { type Counter, type Gauge, type MetricRow, type Metrics, metricOptions } from '@pilotfish/service';

const ofCluster = ['namespace', 'cluster'] as const;

/** Every metric of this service; the registry and the reference page are made from it. */
const rows = {
  ready: {
    name: 'pilotfish_controller_cluster_ready',
    help: '1 while the condition Ready of the cluster is True',
    type: 'gauge',
    labels: ofCluster,
  },
  configurationValid: {
    name: 'pilotfish_controller_cluster_configuration_valid',
    help: '1 while the condition ConfigurationValid of the cluster is True',
    type: 'gauge',
    labels: ofCluster,
  },
  wantedInstances: {
    name: 'pilotfish_controller_cluster_wanted_instances',
    help: 'spec.replicas of the cluster',
    type: 'gauge',
    labels: ofCluster,
  },
  readyInstances: {
    name: 'pilotfish_controller_cluster_ready_instances',
    help: 'Pods of the cluster that are Ready',
    type: 'gauge',
    labels: ofCluster,
  },
  outdatedInstances: {
    name: 'pilotfish_controller_cluster_outdated_instances',
    help: 'Pods of the cluster that have yet to be replaced by ones of the current revision',
    type: 'gauge',
    labels: ofCluster,
  },
  podsRolled: {
    name: 'pilotfish_controller_pods_rolled_total',
    help: 'Pods deleted so that they come back with the current revision',
    type: 'counter',
    labels: ofCluster,
  },
  volumesRemoved: {
    name: 'pilotfish_controller_volumes_removed_total',
    help: 'Volume claims of removed instances that were deleted',
    type: 'counter',
    labels: ofCluster,
  },
  objectsWritten: {
    name: 'pilotfish_controller_objects_written_total',
    help: 'Objects created or changed, by kind',
    type: 'counter',
    labels: ['kind'],
  },
  objectsRefused: {
    name: 'pilotfish_controller_objects_refused_total',
    help: 'Objects that Kubernetes refused, by kind',
    type: 'counter',
    labels: ['kind'],
  },
} as const satisfies Record<string, MetricRow>;

type Rows = typeof rows;

export type ControllerMetrics = {
  readonly [Key in keyof Rows]: Rows[Key]['type'] extends 'counter'
    ? Counter<Rows[Key]['labels'][number]>
    : Gauge<Rows[Key]['labels'][number]>;
};

/** The metrics that are this service's own, and those of its bus; for the reference page. */
export function describeMetrics(): readonly MetricRow[] {
  return [...Object.values(rows), ...busMetricRows];
}

/** Creates them all in a registry. */
export function createControllerMetrics(metrics: Metrics): ControllerMetrics {
  const made = Object.entries(rows).map(([key, row]) => {
    const options = metricOptions<string>(row);
    return [key, row.type === 'counter' ? metrics.counter(options) : metrics.gauge(options)];
  });
  return Object.fromEntries(made) as ControllerMetrics;
}
