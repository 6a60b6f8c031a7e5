import type { Metrics } from './metrics.ts';

/**
 * The metrics that `@pilotfish/kube` reports, bound to a registry. Pass the result wherever kube takes `metrics`; its
 * shape is kube's `KubeMetrics`, which is not imported here so that a process without Kubernetes does not load it.
 */
export function kubeMetrics(metrics: Metrics) {
  const requests = metrics.counter({
    name: 'pilotfish_kube_requests_total',
    help: 'Requests to the Kubernetes API, by method and status (0: no answer)',
    labelNames: ['method', 'status'],
  });
  const requestSeconds = metrics.counter({
    name: 'pilotfish_kube_request_seconds_total',
    help: 'Time spent in requests to the Kubernetes API',
    labelNames: ['method'],
  });
  const lists = metrics.counter({
    name: 'pilotfish_kube_reflector_lists_total',
    help: 'Full lists by resource and reason',
    labelNames: ['resource', 'reason'],
  });
  const watches = metrics.counter({
    name: 'pilotfish_kube_reflector_watches_total',
    help: 'Watch requests by resource',
    labelNames: ['resource'],
  });
  const events = metrics.counter({
    name: 'pilotfish_kube_reflector_events_total',
    help: 'Watch events by resource and type',
    labelNames: ['resource', 'type'],
  });
  const handlerErrors = metrics.counter({
    name: 'pilotfish_kube_reflector_handler_errors_total',
    help: 'Event handlers that threw, by resource',
    labelNames: ['resource'],
  });
  const objects = metrics.gauge({
    name: 'pilotfish_kube_reflector_objects',
    help: 'Objects held by resource',
    labelNames: ['resource'],
  });
  const lastEvent = metrics.gauge({
    name: 'pilotfish_kube_reflector_last_event_timestamp_seconds',
    help: 'When the watch last brought anything, bookmarks included',
    labelNames: ['resource'],
  });
  const depth = metrics.gauge({
    name: 'pilotfish_kube_queue_depth',
    help: 'Keys ready to be reconciled',
    labelNames: ['controller'],
  });
  const retries = metrics.counter({
    name: 'pilotfish_kube_queue_retries_total',
    help: 'Keys put back after a failure',
    labelNames: ['controller'],
  });
  const queueSeconds = metrics.histogram({
    name: 'pilotfish_kube_queue_wait_seconds',
    help: 'Time a key waits from ready to taken',
    labelNames: ['controller'],
    buckets: [0.001, 0.01, 0.1, 1, 10, 60],
  });
  const reconcileSeconds = metrics.histogram({
    name: 'pilotfish_kube_reconcile_seconds',
    help: 'Duration of reconciles by result (done, requeue, error, terminal)',
    labelNames: ['controller', 'result'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  });
  const leader = metrics.gauge({
    name: 'pilotfish_kube_leader',
    help: '1 while this process holds the lease',
    labelNames: ['lease'],
  });
  const members = metrics.gauge({
    name: 'pilotfish_kube_members',
    help: 'Live members by group, as seen here',
    labelNames: ['group'],
  });
  const droppedEvents = metrics.counter({
    name: 'pilotfish_kube_recorder_dropped_total',
    help: 'Kubernetes Events not written (rate limit or failed request)',
  });
  return {
    request: (method: string, status: number, ms: number) => {
      requests.inc({ method, status: String(status) });
      requestSeconds.inc({ method }, ms / 1000);
    },
    listed: (resource: string, reason: string) => lists.inc({ resource, reason }),
    watched: (resource: string) => watches.inc({ resource }),
    watchEvent: (resource: string, type: string) => {
      events.inc({ resource, type });
      lastEvent.set({ resource }, Date.now() / 1000);
    },
    handlerFailed: (resource: string) => handlerErrors.inc({ resource }),
    storeSize: (resource: string, size: number) => objects.set({ resource }, size),
    queueDepth: (controller: string, size: number) => depth.set({ controller }, size),
    queueWait: (controller: string, ms: number) => queueSeconds.observe({ controller }, ms / 1000),
    retried: (controller: string) => retries.inc({ controller }),
    reconciled: (controller: string, result: string, ms: number) =>
      reconcileSeconds.observe({ controller, result }, ms / 1000),
    leading: (lease: string, holds: boolean) => leader.set({ lease }, holds ? 1 : 0),
    liveMembers: (group: string, size: number) => members.set({ group }, size),
    recorderDropped: () => droppedEvents.inc(),
  };
}
