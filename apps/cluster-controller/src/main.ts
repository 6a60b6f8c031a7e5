import { fieldManagers, leaseNames } from '@pilotfish/api';
import { busMetrics, connectBus } from '@pilotfish/bus';
import { Controller, connectKubeOrExit, EventRecorder, LeaderElection } from '@pilotfish/kube';
import {
  backgroundTask,
  createLogger,
  Health,
  kubeMetrics,
  loadConfig,
  Metrics,
  opsServerComponent,
  runService,
  systemClock,
} from '@pilotfish/service';
import { configSchema } from './config.ts';
import { createControllerMetrics } from './metrics.ts';
import { Announcer } from './reconcile/announcer.ts';
import { createCaches, informersOf, watchAll } from './reconcile/caches.ts';
import { ClusterReconciler } from './reconcile/cluster-reconciler.ts';
import { assumedPresent, LeasedEnginePresence } from './reconcile/engine-presence.ts';
import { ObjectApplier } from './reconcile/object-applier.ts';

const name = fieldManagers.clusterController;
const config = loadConfig(configSchema, process.env);
const clock = systemClock;
const wall = () => clock.wall();
const pod = config.POD_NAME || `${name}-${String(process.pid)}`;
const logger = createLogger({ service: 'cluster-controller', level: config.PILOTFISH_LOG_LEVEL, pod });
const health = new Health();
const metrics = new Metrics();
const aboutKube = kubeMetrics(metrics);

// Kubernetes: one client, local copies of what is read, and events that `kubectl describe` shows.
const client = await connectKubeOrExit({ userAgent: name, metrics: aboutKube });
const caches = createCaches({ client, logger, metrics: aboutKube, namespace: config.PILOTFISH_WATCH_NAMESPACE });
const recorder = new EventRecorder({ client, component: name, instance: pod, logger, metrics: aboutKube });

// NATS: facts to the outside. Nothing here waits for it.
const bus = connectBus({
  servers: config.PILOTFISH_NATS_URL,
  user: config.PILOTFISH_NATS_USER,
  pass: config.PILOTFISH_NATS_PASSWORD,
  name: pod,
  metrics: busMetrics(metrics),
  logger,
});

// The work: clusters in, objects and status out.
const releaseNamespace = config.POD_NAMESPACE;
const reconciler = new ClusterReconciler({
  client,
  caches,
  wall,
  applier: new ObjectApplier(client),
  presence: releaseNamespace ? new LeasedEnginePresence(client, releaseNamespace, () => clock.nowMs()) : assumedPresent,
  settings: {
    agentImage: config.PILOTFISH_AGENT_IMAGE,
    exporterImage: config.PILOTFISH_EXPORTER_IMAGE,
    imagePullPolicy: config.PILOTFISH_IMAGE_PULL_POLICY,
  },
  images: config.PILOTFISH_MYSQL_IMAGES,
  announcer: new Announcer({ bus, recorder, source: { service: 'cluster-controller', pod }, wall, logger }),
  metrics: createControllerMetrics(metrics),
  forgetMetrics: (labels) => {
    metrics.forget(labels).catch((err: unknown) => logger.warn({ err }, 'metrics of a cluster could not be removed'));
  },
});
const controller = new Controller({
  name: 'cluster',
  logger,
  metrics: aboutKube,
  concurrency: 4,
  deadlineMs: 60_000,
  retryCapMs: 30_000,
  // A failover writes the status a dozen times within a second, and the API server has better things to do then.
  spacingMs: 1_000,
  // Time for the labels and endpoints of a new primary, whose clients wait.
  gatherMs: 700,
  reconcile: reconciler.reconcile,
});
watchAll(controller, caches);

// All replicas keep their caches warm; one works.
const election = new LeaderElection({
  client,
  namespace: releaseNamespace || 'default',
  name: leaseNames.clusterController,
  identity: pod,
  logger,
  metrics: aboutKube,
});
for (const informer of informersOf(caches)) health.addReadiness(informer.resource.plural, informer.readiness);

await runService({
  name: 'cluster-controller',
  logger,
  health,
  components: [
    opsServerComponent({ port: config.PILOTFISH_OPS_PORT, health, metrics }),
    { name: 'kube', start: () => undefined, stop: () => client.close() },
    { name: 'bus', start: () => undefined, stop: () => bus.close() },
    ...informersOf(caches).map((informer) =>
      backgroundTask(`cache of ${informer.resource.plural}`, (signal) => informer.run(signal)),
    ),
    { name: 'events', start: () => undefined, stop: () => recorder.flush() },
    backgroundTask('leader', (signal) => election.run(signal, (leading) => controller.run(leading))),
  ],
});
