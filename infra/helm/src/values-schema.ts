import { hookMoments, orchestratorSettings } from '@pilotfish/api';
import {
  anything,
  choice,
  flag,
  integer,
  kubernetesList,
  kubernetesObject,
  listOf,
  object,
  type Schema,
  text,
  textMap,
  texts,
} from './json-schema.ts';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const quantity = '^[0-9]+(\\.[0-9]+)?([EPTGMk]i?|Ki|m)?$';

const interval = text('How often it is scraped.', '^[0-9]+(ms|s|m)$');
const monitorLabels = textMap('Labels by which your Prometheus finds it.');

const image = (name: string): Record<string, Schema> => ({
  repository: text(`Image without a tag. Empty: \`<global.image.registry>/${name}\` with \`global.image.tag\`.`),
  tag: text('Tag of the repository above.'),
  digest: text('Beats the tag.', '^(sha256:[0-9a-f]{64})?$'),
});

const imageWithPolicy = (name: string): Schema =>
  object({
    ...image(name),
    pullPolicy: choice('Empty: `global.image.pullPolicy`.', ['', ...pullPolicies]),
  });

const quantities = (description: string): Schema =>
  object(
    { cpu: text('Cores.', quantity), memory: text('Bytes.', quantity), 'ephemeral-storage': text('Bytes.', quantity) },
    description,
  );

const scheduling: Record<string, Schema> = {
  resources: object({
    requests: quantities('What the scheduler sets aside.'),
    limits: quantities('What the container cannot exceed.'),
  }),
  nodeSelector: textMap('Labels a node must have.'),
  tolerations: kubernetesList('Taints of nodes that are put up with.'),
  affinity: kubernetesObject('Affinity of the pods.'),
  topologySpreadConstraints: kubernetesList('Empty: spread over the nodes where possible.'),
  priorityClassName: text('PriorityClass of the pods.'),
};

const service = (name: string): Record<string, Schema> => ({
  replicas: integer('Number of pods. Can change at any time.', 0, 50),
  image: imageWithPolicy(name),
  ...scheduling,
  serviceAccount: object({
    create: flag('Make a ServiceAccount.'),
    name: text('Its name; needed when it is not made here. Empty: `<release>-<chart>`.'),
    annotations: textMap('For workload identities of clouds.'),
  }),
  rbac: object({ create: flag('Make the roles, which name exactly what the service does, and bind them.') }),
  podDisruptionBudget: object({
    enabled: flag('Made for more than one replica.'),
    maxUnavailable: integer('Pods that a drain may take at a time.', 0, 50),
  }),
  serviceMonitor: object({
    enabled: flag('Make a ServiceMonitor. Needs the Prometheus operator.'),
    interval,
    labels: monitorLabels,
  }),
  nats: object({
    passwordSecret: text('Secret with the key `password` for NATS. Empty: `<release>-nats-<chart>`.'),
  }),
  podLabels: textMap('Added to the pods.'),
  podAnnotations: textMap('Added to the pods.'),
  extraEnv: kubernetesList('More environment variables.'),
});

const global = object({
  image: object({
    registry: text("Where Pilotfish's own images are.", '^[^\\s]+[^/\\s]$'),
    tag: text('Their tag. Empty: the version of the chart.'),
    pullPolicy: choice('When they are pulled.', pullPolicies),
  }),
  imagePullSecrets: texts('Names of Secrets with credentials for the registry.'),
  logLevel: choice('Least level that is logged.', ['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  watchNamespace: text(
    'The only namespace whose MysqlClusters are managed; the roles are then limited to it. Empty: all.',
    '^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$',
  ),
  commonLabels: textMap('Added to every object.'),
  nats: object({
    url: text(
      'URL of a NATS of your own. Empty: the one of this release, or none when `nats.enabled` is false.',
      '^((nats|tls)://[^\\s]+)?$',
    ),
    bundled: flag('Set by the chart nats itself; leave it alone.'),
  }),
});

const crds = {
  keep: flag('Keep the CRDs, and with them every MysqlCluster, when the release is uninstalled.'),
  hostNamePolicy: flag('Refuse clusters whose host names are too long for MySQL, by an admission policy.'),
};

const clusterController = {
  ...service('cluster-controller'),
  mysql: object({
    images: {
      type: 'object',
      description: 'Image of mysqld for each `spec.mysqlVersion`; `default` for clusters without one.',
      required: ['default'],
      additionalProperties: { type: 'string', pattern: '^[^\\s]+$' },
    },
    imagePullPolicy: choice('Of MySQL pods, unless podSpec says otherwise.', pullPolicies),
  }),
  nodeAgent: object({ image: object(image('node-agent')) }),
  metricsExporter: object({ image: object(image('metrics-exporter')) }),
  mysqlPodMonitor: object({
    enabled: flag('Make a PodMonitor for all MySQL pods. Needs the Prometheus operator.'),
    interval,
    labels: monitorLabels,
  }),
};

const hook: Schema = object({
  on: choice('When it runs.', hookMoments),
  command: texts('Program, by its absolute path, and arguments. No shell.'),
  timeoutSeconds: { type: 'number', description: 'Then it is killed. Default: 5.', minimum: 0.1, maximum: 60 },
  veto: flag('A before- hook that fails keeps the failover from beginning. Default: false.'),
});

const topologyEngine = {
  ...service('topology-engine'),
  hooks: listOf(hook, 'Programs that are told of failovers; see docs/concepts/hooks.md.'),
  extraVolumes: kubernetesList('More volumes of the pods: the programs of hooks, for instance.'),
  extraVolumeMounts: kubernetesList('Where the container has them.'),
  userRoles: object({
    create: flag('Make ClusterRoles for users of the HTTP API: to look, to operate, to do everything.'),
  }),
  priorityClass: object({
    create: flag('Make a PriorityClass, so that a full node makes room for the engine.'),
    value: integer('Its priority.', 0, 1_000_000_000),
  }),
};

const natsUsers = ['topology-engine', 'cluster-controller', 'service-syncer', 'subscriber'];

const nats = {
  image: imageWithPolicy('nats'),
  ...scheduling,
  jetstream: object({ maxFileStore: text('Disk space for streams; they take up to 512Mi.', '^[0-9]+[KMGT]i?$') }),
  persistence: object({
    enabled: flag('Keep the history of events on a volume.'),
    size: text('Size of the volume, or of the emptyDir without one.', quantity),
    storageClassName: text('Empty: the default StorageClass.'),
  }),
  passwords: object(
    Object.fromEntries(natsUsers.map((user) => [user, text(`Password of ${user}. Empty: a random one, kept.`)])),
  ),
  service: object({
    type: choice('NodePort or LoadBalancer let programs outside subscribe.', ['ClusterIP', 'NodePort', 'LoadBalancer']),
    annotations: textMap('For load balancers of clouds.'),
  }),
  exports: object({ bundled: flag('Read by the parent chart; leave it alone.') }),
};

/** Settings of each chart, by its name. */
export const subcharts: Readonly<Record<string, Record<string, Schema>>> = {
  crds,
  'cluster-controller': clusterController,
  'topology-engine': topologyEngine,
  'service-syncer': service('service-syncer'),
  nats,
};

const enabled = flag('Whether the chart is installed.');

/** The schema of a subchart also admits what Helm hands down: the global values and the parent's switch. */
export const subchartSchema = (name: string): Schema => object({ ...subcharts[name], enabled, global });

/** Settings of Orchestrator by name: topology-engine checks their values by the same table. */
const orchestratorConfig: Schema = object(
  Object.fromEntries(Object.entries(orchestratorSettings).map(([name, { fate }]) => [name, anything(fate)])),
);

export const umbrellaSchema = (): Schema =>
  object({
    global,
    orchestrator: object({ config: orchestratorConfig }),
    // Helm offers every chart, the library included, its values.
    common: object({ global }),
    ...Object.fromEntries(Object.keys(subcharts).map((name) => [name, subchartSchema(name)])),
  });
