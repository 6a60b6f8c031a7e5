import type { Bus } from '@pilotfish/bus';
import type { DomainEvent } from '@pilotfish/events';
import { Controller, connectKube, EventRecorder, type KubeClient } from '@pilotfish/kube';
import { createLogger, Metrics } from '@pilotfish/service';
import { createControllerMetrics } from '../metrics.ts';
import { Announcer } from '../reconcile/announcer.ts';
import { createCaches, informersOf, watchAll } from '../reconcile/caches.ts';
import { ClusterReconciler } from '../reconcile/cluster-reconciler.ts';
import { assumedPresent } from '../reconcile/engine-presence.ts';
import { ObjectApplier } from '../reconcile/object-applier.ts';

export interface RunningController {
  readonly events: readonly DomainEvent[];
  /** Requests that write, by method, since the start. */
  readonly writes: () => number;
  stop(): Promise<void>;
}

/** The controller as main.ts puts it together, without leader election and with an ear in place of NATS. */
export function startController(kubeconfig: string): RunningController {
  let writes = 0;
  const client = counting(connectKube({ userAgent: 'test', kubeconfig }), () => {
    writes += 1;
  });
  const logger = createLogger({ service: 'cluster-controller', level: 'silent' });
  const metrics = new Metrics({ defaults: false });
  const caches = createCaches({ client, logger, namespace: '' });
  const events: DomainEvent[] = [];
  const bus: Pick<Bus, 'publish'> = { publish: (event) => events.push(event) };
  const recorder = new EventRecorder({ client, component: 'test', logger });
  const wall = () => new Date();
  const reconciler = new ClusterReconciler({
    client,
    caches,
    wall,
    applier: new ObjectApplier(client),
    presence: assumedPresent,
    settings: { agentImage: 'r/agent:1', exporterImage: 'r/exporter:1', imagePullPolicy: 'IfNotPresent' },
    images: { default: 'r/mysql:9.7.0', '8.4': 'r/mysql:8.4' },
    announcer: new Announcer({ bus, recorder, source: { service: 'cluster-controller', pod: 'test' }, wall, logger }),
    metrics: createControllerMetrics(metrics),
    forgetMetrics: (labels) => void metrics.forget(labels),
  });
  const controller = new Controller({ name: 'cluster', logger, retryCapMs: 500, reconcile: reconciler.reconcile });
  watchAll(controller, caches);
  const stopping = new AbortController();
  const running = Promise.all([...informersOf(caches), controller].map((part) => part.run(stopping.signal)));
  return {
    events,
    writes: () => writes,
    stop: async () => {
      stopping.abort(new Error('the test is over'));
      await running;
      await recorder.flush();
      await client.close();
    },
  };
}

/** Counts what changes objects; Kubernetes Events do not count. */
function counting(client: KubeClient, count: () => void): KubeClient {
  for (const method of ['apply', 'patchMerge', 'patchJson', 'delete'] as const) {
    const original = client[method].bind(client) as (...args: unknown[]) => unknown;
    Object.defineProperty(client, method, {
      value: (...args: unknown[]) => {
        if ((args[0] as { plural: string }).plural !== 'events') count();
        return original(...args);
      },
    });
  }
  return client;
}
