import { leaseNames } from '@pilotfish/api';
import { busMetrics, connectBus } from '@pilotfish/bus';
import { AccessReview, connectKubeOrExit, EventRecorder, Informer, Membership, type Pod, pods } from '@pilotfish/kube';
import {
  backgroundTask,
  createLogger,
  EventLoopWatch,
  Health,
  kubeMetrics,
  loadConfig,
  Metrics,
  opsServerComponent,
  runService,
  systemClock,
} from '@pilotfish/service';
import { ClusterLoop } from './cluster-loop.ts';
import { configSchema } from './config.ts';
import { Fleet } from './fleet.ts';
import { plainHooks } from './hooks/hook.ts';
import { createApi } from './http/api.ts';
import { apiServerComponent } from './http/api-server.ts';
import { KubeAuthenticator } from './http/kube-authenticator.ts';
import { kubeEngine } from './http/kube-engine.ts';
import { MemoryJournal } from './journal/journal.ts';
import { KubeInventory } from './kube-inventory.ts';
import { engineMetrics } from './metrics.ts';
import { ownerOf } from './ownership.ts';
import { OperatorSettings } from './policy/operator-settings.ts';
import { createAnnouncer } from './record/announcer.ts';
import { KubeStore } from './record/kube-store.ts';

const service = 'topology-engine';
const componentLabel = 'app.kubernetes.io/component';

const config = loadConfig(configSchema, process.env);
const clock = systemClock;
const logger = createLogger({ service, level: config.PILOTFISH_LOG_LEVEL, pod: config.POD_NAME });
const metrics = new Metrics();
const health = new Health();
const eventLoop = new EventLoopWatch({ clock, onStall: (ms) => logger.warn({ ms }, 'this process stood still') });
const journal = new MemoryJournal();
const ours = engineMetrics(metrics, () => clock.nowMs());

const kube = await connectKubeOrExit({ userAgent: `pilotfish-${service}`, metrics: kubeMetrics(metrics) });
const inventory = new KubeInventory({ client: kube, namespace: config.PILOTFISH_WATCH_NAMESPACE, logger });
const store = new KubeStore(kube, clock);
const operatorSettings = new OperatorSettings(config.PILOTFISH_ORCHESTRATOR_CONFIG, logger);
const recorder = new EventRecorder({
  client: kube,
  component: `pilotfish-${service}`,
  instance: config.POD_NAME,
  logger,
});

const membership = new Membership({
  client: kube,
  namespace: config.POD_NAMESPACE,
  prefix: leaseNames.topologyEngineMember('').replace(/-$/, ''),
  identity: config.POD_NAME,
  labels: { [componentLabel]: 'topology-engine-member' },
  logger,
});
const engines = new Informer<Pod>({
  client: kube,
  resource: pods,
  namespace: config.POD_NAMESPACE,
  labelSelector: `${componentLabel}=${service}`,
  logger,
});

const bus = connectBus({
  servers: config.PILOTFISH_NATS_URL.split(',').filter((server) => server !== ''),
  user: config.PILOTFISH_NATS_USER,
  pass: config.PILOTFISH_NATS_PASSWORD,
  name: `${service}/${config.POD_NAME}`,
  metrics: busMetrics(metrics),
  logger,
});

function owner(key: string): string | undefined {
  const topology = inventory.cluster(key)?.status.topology;
  const primaryNode = inventory.podFacts(key).find((pod) => pod.name === topology?.primary)?.node ?? '';
  const nodeOf = (member: string): string | undefined =>
    engines.store.get(`${config.POD_NAMESPACE}/${member}`)?.spec.nodeName;
  return ownerOf(key, { members: membership.elders(), primaryNode, nodeOf, busy: topology?.operation?.engine });
}

const isAlive = (engine: string): boolean => membership.members().includes(engine);

function createLoop(key: string): ClusterLoop {
  const [namespace = '', name = ''] = key.split('/');
  const announcer = (epoch: () => number) =>
    createAnnouncer({
      bus,
      source: { service, pod: config.POD_NAME },
      cluster: { namespace, name, uid: inventory.raw(key)?.metadata.uid ?? '' },
      clock,
      logger,
      epoch,
      kubernetesEvent: (type, reason, message) => {
        const about = inventory.raw(key);
        if (about) recorder.record(about, { type, reason, message });
      },
    });
  return new ClusterLoop({
    key,
    engine: config.POD_NAME,
    holdsLease: () => isAlive(config.POD_NAME),
    isAlive,
    inventory,
    store,
    operatorSettings: () => operatorSettings.current,
    hooks: () => [...config.PILOTFISH_HOOKS, ...plainHooks(operatorSettings.current)],
    announcer,
    metrics: ours,
    journal,
    clock,
    eventLoop,
    logger: logger.child({ cluster: key }),
  });
}

const fleet = new Fleet({
  self: config.POD_NAME,
  keys: () => inventory.keys(),
  ownerOf: owner,
  createLoop,
  forget: (key) => {
    ours.forget(key);
    journal.forget(key);
  },
  logger,
});

const settingsPollMs = 5_000;

async function watchSettings(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    operatorSettings.refresh();
    await clock.sleep(settingsPollMs, signal).catch(() => undefined);
  }
}
const api = createApi({
  engine: kubeEngine({
    self: config.POD_NAME,
    keys: () => inventory.keys(),
    cluster: (key) => inventory.cluster(key),
    loop: (key) => fleet.loop(key),
    ownerOf: owner,
    pod: (engine) => engines.store.get(`${config.POD_NAMESPACE}/${engine}`),
    apiPort: config.PILOTFISH_API_PORT,
  }),
  authenticator: new KubeAuthenticator(new AccessReview(kube), clock),
  clock,
  logger,
});

/** Ownership follows members, clusters and pods; the tick finds what a missed change would leave behind. */
async function runFleet(signal: AbortSignal): Promise<void> {
  await Promise.all([inventory.clusters, inventory.pods, engines].map((informer) => informer.whenSynced(signal)));
  const reconcile = (): void => {
    fleet.reconcile();
    ours.owned(fleet.size);
  };
  inventory.clusters.onChange(({ object }) => {
    reconcile();
    fleet.notify(`${object.metadata.namespace ?? ''}/${object.metadata.name}`);
  });
  inventory.pods.onChange(({ object }) => fleet.notify(object.clusterKey));
  membership.onChange(reconcile);
  while (!signal.aborted) {
    reconcile();
    await clock.sleep(500, signal).catch(() => undefined);
  }
  await fleet.stop();
}

health.addReadiness('clusters', inventory.clusters.readiness);
health.addReadiness('pods', inventory.pods.readiness);
health.addReadiness('membership', membership.readiness);

await runService({
  name: service,
  logger,
  health,
  components: [
    opsServerComponent({ port: config.PILOTFISH_OPS_PORT, health, metrics }),
    {
      name: 'bus',
      start: () => bus.ensureStream(),
      stop: () => bus.close(),
    },
    backgroundTask('engine pods', (signal) => engines.run(signal)),
    backgroundTask('clusters', (signal) => inventory.clusters.run(signal)),
    backgroundTask('pods', (signal) => inventory.pods.run(signal)),
    backgroundTask('nodes', async (signal) => inventory.nodes?.run(signal)),
    backgroundTask('membership', (signal) => membership.run(signal)),
    backgroundTask('operator settings', watchSettings),
    { ...backgroundTask('fleet', runFleet), stopTimeoutMs: 20_000 },
    apiServerComponent({ api, port: config.PILOTFISH_API_PORT }),
  ],
});
