import { leaseNames } from '@pilotfish/api';
import { busMetrics, connectBus } from '@pilotfish/bus';
import { connectKubeOrExit, LeaderElection } from '@pilotfish/kube';
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
import { syncerMetrics } from './metrics.ts';
import { createServiceSyncer } from './service-syncer.ts';

/** service-syncer: makes the Services of each cluster lead to the right pods, by the labels `role` and `healthy`. */

const service = 'service-syncer';
const config = loadConfig(configSchema, process.env);
const pod = config.POD_NAME;
const logger = createLogger({ service, level: config.PILOTFISH_LOG_LEVEL, pod });
const health = new Health();
const metrics = new Metrics();

const forKube = kubeMetrics(metrics);
const client = await connectKubeOrExit({ userAgent: `pilotfish-${service}`, metrics: forKube });

const bus = connectBus({
  servers: config.PILOTFISH_NATS_URL,
  user: config.PILOTFISH_NATS_USER,
  pass: config.PILOTFISH_NATS_PASSWORD,
  name: `${service}/${pod}`,
  metrics: busMetrics(metrics),
  logger,
});

const election = new LeaderElection({
  client,
  namespace: config.POD_NAMESPACE,
  name: leaseNames.serviceSyncer,
  identity: pod,
  logger,
  metrics: forKube,
});

const syncer = createServiceSyncer({
  client,
  bus,
  namespace: config.PILOTFISH_WATCH_NAMESPACE,
  source: { service, pod },
  isLeading: () => election.isLeading(),
  metrics: syncerMetrics(metrics),
  kubeMetrics: forKube,
  logger,
  clock: systemClock,
});

// A standby is ready too: its caches are what makes taking over instant.
health.addReadiness('caches', syncer.readiness);

await runService({
  name: service,
  logger,
  health,
  components: [
    opsServerComponent({ port: config.PILOTFISH_OPS_PORT, health, metrics }),
    { name: 'kubernetes client', start: () => undefined, stop: () => client.close() },
    { name: 'bus', start: () => undefined, stop: () => bus.close() },
    backgroundTask('caches', (signal) => syncer.follow(signal)),
    backgroundTask('leader', (signal) => election.run(signal, (leading) => syncer.lead(leading))),
  ],
});
