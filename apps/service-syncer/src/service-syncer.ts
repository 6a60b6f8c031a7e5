import { anyClusterLabels } from '@pilotfish/api';
import type { Bus } from '@pilotfish/bus';
import { type EventSource, subjectPattern } from '@pilotfish/events';
import {
  Controller,
  EventRecorder,
  Informer,
  type KubeClient,
  type KubeMetrics,
  keyOf,
  pods as podResource,
} from '@pilotfish/kube';
import type { Clock, Logger } from '@pilotfish/service';
import { Announcer } from './announcer.ts';
import { type ClusterView, clusterView, mysqlClusters } from './cluster-view.ts';
import { HintBook } from './hint-book.ts';
import { Incarnations } from './incarnations.ts';
import { LabelWriter } from './label-writer.ts';
import type { SyncerMetrics } from './metrics.ts';
import { podView } from './pod-view.ts';
import { StandIn } from './stand-in.ts';
import { StatusWriter } from './status-writer.ts';
import { Syncer } from './syncer.ts';

export interface ServiceSyncerOptions {
  readonly client: KubeClient;
  readonly bus: Bus;
  /** Empty: all namespaces. */
  readonly namespace: string;
  readonly source: EventSource;
  readonly isLeading: () => boolean;
  readonly metrics: SyncerMetrics;
  readonly kubeMetrics: KubeMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface ServiceSyncer {
  /** Keeps the caches, listens to the bus and stands in for a leader that is lost, until the signal is aborted. */
  follow(signal: AbortSignal): Promise<void>;
  /** Writes until the signal is aborted: the leader. */
  lead(signal: AbortSignal): Promise<void>;
  /** Why it cannot take over yet. */
  readonly readiness: () => string | undefined;
}

const concurrency = 4;
const deadlineMs = 15_000;

/** Caches, fast path and controller, put together. */
export function createServiceSyncer(options: ServiceSyncerOptions): ServiceSyncer {
  const { client, bus, namespace, source, isLeading, metrics, kubeMetrics, logger, clock } = options;
  const common = { client, namespace, logger, metrics: kubeMetrics, clock };
  const clusters = new Informer({ ...common, resource: mysqlClusters, transform: clusterView });
  const pods = new Informer({
    ...common,
    resource: podResource,
    labelSelector: Object.entries(anyClusterLabels())
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    transform: podView,
    indexes: { cluster: ({ clusterKey }) => (clusterKey === undefined ? [] : [clusterKey]) },
  });
  const hints = new HintBook(clock);
  const incarnations = new Incarnations(clock);
  const status = new StatusWriter({ client, metrics, clock });
  const recorder = new EventRecorder({
    client,
    component: source.service,
    instance: source.pod,
    logger,
    metrics: kubeMetrics,
    clock,
  });
  const syncer: Syncer = new Syncer({
    clusters: clusters.store,
    pods: pods.store,
    hints,
    incarnations,
    labels: new LabelWriter({ client, metrics, clock }),
    status,
    announcer: new Announcer({ bus, recorder, source, metrics, clock, logger }),
    metrics,
    logger,
    isLeading,
    enqueue: (key) => controller.add(key),
  });
  const standIn = new StandIn({ client, syncer, isLeading, metrics, clock, logger });

  clusters.onChange(({ type, object }) => {
    const key = keyOf(object);
    if (type === 'deleted') {
      for (const memory of [hints, incarnations, status, standIn]) memory.forget(key);
      metrics.forget(object.metadata.namespace, object.metadata.name);
    } else if (object.topology === 'malformed') {
      metrics.ignored('topology');
      logger.warn({ key }, 'status.topology does not make sense; labels stay as they are');
    } else if (object.topology !== 'absent') hints.observe(key, object.topology);
  });
  pods.onChange(({ type, object }) => {
    if (object.clusterKey === undefined) {
      if (type === 'added') metrics.ignored('pod');
    } else if (type !== 'deleted') incarnations.observe(object, topologyOf(clusters.store.get(object.clusterKey)));
  });

  const forControllers = { concurrency, deadlineMs, logger, metrics: kubeMetrics, clock };
  const controller = new Controller({
    ...forControllers,
    name: 'service-syncer',
    reconcile: (key, context) => syncer.reconcile(key, context.signal),
  });
  const standby = new Controller({
    ...forControllers,
    name: 'stand-in',
    reconcile: (key, context) => standIn.reconcile(key, context.signal),
  });
  for (const each of [controller, standby]) {
    each.watches(clusters).watches(pods, ({ clusterKey }) => (clusterKey === undefined ? [] : [clusterKey]));
  }

  return {
    follow: async (signal) => {
      const subscription = bus.subscribe(subjectPattern('primary-opened'), (event) => syncer.primaryOpened(event));
      await Promise.all([clusters.run(signal), pods.run(signal), standby.run(signal)]);
      subscription.close();
      await recorder.flush();
    },
    lead: (signal) => controller.run(signal),
    readiness: () => clusters.readiness() ?? pods.readiness(),
  };
}

function topologyOf(cluster: ClusterView | undefined) {
  return typeof cluster?.topology === 'object' ? cluster.topology : undefined;
}
