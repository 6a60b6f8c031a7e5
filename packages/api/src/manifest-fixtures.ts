/** Manifests as people write them, for the tests: what is accepted, and what is refused with which words. */

export interface Fixture {
  readonly title: string;
  readonly manifest: Record<string, unknown>;
  /** Absent: accepted. */
  readonly refusal?: RegExp;
  /** Only the API server refuses it: the rule is about the name, or about types our services never see. */
  readonly serverOnly?: true;
}

const cluster = (name: string, spec: Record<string, unknown>): Record<string, unknown> => ({
  apiVersion: 'mysql.presslabs.org/v1alpha1',
  kind: 'MysqlCluster',
  metadata: { name },
  spec,
});

const withSpec = (spec: Record<string, unknown>): Record<string, unknown> =>
  cluster('fixture', { secretName: 'my-secret', ...spec });

const claim = (spec: Record<string, unknown>): Record<string, unknown> =>
  withSpec({ volumeSpec: { persistentVolumeClaim: spec } });

/** From the old operator's examples, character by character. */
export const seedManifest = `apiVersion: mysql.presslabs.org/v1alpha1
kind: MysqlCluster
metadata:
  name: my-cluster-1
spec:
  replicas: 5
  secretName: my-secret
  volumeSpec:
    persistentVolumeClaim:
      accessModes:
        - ReadWriteOnce
      resources:
        requests:
          storage: 1Gi
      storageClassName: ceph-rbd
`;

export const accepted: readonly Fixture[] = [
  { title: 'the smallest cluster', manifest: withSpec({}) },
  { title: 'no replicas', manifest: withSpec({ replicas: 0 }) },
  { title: 'the most replicas', manifest: withSpec({ replicas: 99 }) },
  { title: 'a version of two parts', manifest: withSpec({ mysqlVersion: '8.4' }) },
  { title: 'a version of a vendor', manifest: withSpec({ mysqlVersion: '8.0.32-24' }) },
  {
    title: 'an image with registry, port and digest',
    manifest: withSpec({ image: `r.example:5000/a/mysql@sha256:${'0'.repeat(64)}` }),
  },
  {
    title: 'mysqlConf of numbers and strings',
    manifest: withSpec({
      mysqlConf: { max_connections: 200, 'innodb-flush-method': 'O_DIRECT', 'validate_password.policy': 'LOW' },
    }),
  },
  { title: 'minAvailable as a number', manifest: withSpec({ minAvailable: 2 }) },
  { title: 'minAvailable as a number in quotes', manifest: withSpec({ minAvailable: '1' }) },
  { title: 'minAvailable as a percentage', manifest: withSpec({ minAvailable: '50%' }) },
  {
    title: 'durability',
    manifest: withSpec({ replication: { dataDurability: 'required', isolationTimeoutSeconds: 3 } }),
  },
  {
    title: 'every wish about replication and failover',
    manifest: withSpec({
      replication: {
        mode: 'semiSync',
        ackZones: 'other',
        errantPolicy: 'ask',
        failover: {
          paused: true,
          recoverPrimary: false,
          recoverIntermediatePrimary: false,
          delaySeconds: 30,
          recoveryBlockSeconds: 3600,
          maxLagSeconds: 60,
          whenBehind: 'hold',
          acrossZones: false,
          acrossRegions: false,
          instances: [
            { name: 'fixture-mysql-0', promotionRule: 'prefer' },
            { name: 'fixture-mysql-1', promotionRule: 'mustNot', downtime: { until: '2027-01-01T00:00:00Z' } },
            { name: 'fixture-mysql-2', downtime: { until: '2027-01-01T02:00:00+02:00', reason: 'new disk' } },
          ],
        },
      },
    }),
  },
  { title: 'asynchronous replication', manifest: withSpec({ replication: { mode: 'async' } }) },
  { title: 'a claim with nothing but a size', manifest: claim({ resources: { requests: { storage: '10Gi' } } }) },
  { title: 'an empty claim', manifest: claim({}) },
  { title: 'an emptyDir', manifest: withSpec({ volumeSpec: { emptyDir: {} } }) },
  {
    title: 'a hostPath that stays',
    manifest: withSpec({ volumeSpec: { hostPath: { path: '/data' }, keepAfterDelete: true } }),
  },
  {
    title: 'a pod template with everything',
    manifest: withSpec({
      podSpec: {
        imagePullPolicy: 'Always',
        imagePullSecrets: [{ name: 'registry' }],
        labels: { team: 'shop' },
        annotations: { 'example.com/note': 'a "quoted" text' },
        resources: { requests: { cpu: '500m', memory: '2Gi' }, limits: { cpu: 2, memory: '2Gi' } },
        affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
        mysqlLifecycle: { preStop: { exec: { command: ['sleep', '1'] } } },
        nodeSelector: { disk: 'ssd' },
        tolerations: [{ key: 'db', operator: 'Exists', effect: 'NoSchedule' }],
        priorityClassName: 'high',
        serviceAccountName: 'mysql',
        volumes: [{ name: 'extra', configMap: { name: 'extra' } }],
        volumeMounts: [{ name: 'extra', mountPath: '/extra', readOnly: true }],
        initContainers: [{ name: 'before', image: 'busybox', command: ['true'] }],
        containers: [{ name: 'beside', image: 'busybox', env: [{ name: 'A', value: 'b' }] }],
        metricsExporterResources: { limits: { memory: '64Mi' } },
        mysqlOperatorSidecarResources: { requests: { cpu: '10m' } },
      },
    }),
  },
];

export const refused: readonly Fixture[] = [
  {
    title: 'negative replicas',
    manifest: withSpec({ replicas: -1 }),
    refusal: /replicas is a number between 0 and 99: 1 for a single/,
  },
  {
    title: 'too many replicas',
    manifest: withSpec({ replicas: 100 }),
    refusal: /replicas is a number between 0 and 99/,
  },
  {
    title: 'durability of commits that wait for nobody',
    manifest: withSpec({ replication: { mode: 'async', dataDurability: 'required' } }),
    refusal: /dataDurability: required needs mode: semiSync/,
  },
  {
    title: 'zones of acknowledgements that nobody gives',
    manifest: withSpec({ replication: { mode: 'async', ackZones: 'other' } }),
    refusal: /ackZones: other needs mode: semiSync/,
  },
  {
    title: 'a mode of replication that does not exist',
    manifest: withSpec({ replication: { mode: 'sync' } }),
    refusal: /mode.*semiSync.*async/s,
  },
  {
    title: 'a failover that waits for more than a day',
    manifest: withSpec({ replication: { failover: { delaySeconds: 90_000 } } }),
    refusal: /delaySeconds is a number of seconds between 0 and 86400/,
  },
  {
    title: 'a negative recovery block',
    manifest: withSpec({ replication: { failover: { recoveryBlockSeconds: -1 } } }),
    refusal: /recoveryBlockSeconds is a number of seconds between 0 and 2592000/,
  },
  {
    title: 'a promotion rule that does not exist',
    manifest: withSpec({
      replication: { failover: { instances: [{ name: 'fixture-mysql-0', promotionRule: 'must' }] } },
    }),
    refusal: /promotionRule.*prefer.*neutral.*preferNot.*mustNot/s,
  },
  {
    title: 'a downtime without an end',
    manifest: withSpec({
      replication: { failover: { instances: [{ name: 'fixture-mysql-0', downtime: { reason: 'new disk' } }] } },
    }),
    refusal: /downtime\.until/,
  },
  {
    title: 'no secretName',
    manifest: cluster('fixture', {}),
    refusal: /secretName is missing: name a Secret .* ROOT_PASSWORD/,
  },
  {
    title: 'an empty secretName',
    manifest: withSpec({ secretName: '' }),
    refusal: /secretName is missing: name a Secret/,
  },
  {
    title: 'a secretName that is none',
    manifest: withSpec({ secretName: 'My Secret' }),
    refusal: /secretName is the name of a Secret/,
  },
  {
    title: 'a version in words',
    manifest: withSpec({ mysqlVersion: 'latest' }),
    refusal: /mysqlVersion is a version number in quotes/,
  },
  {
    title: 'a version of four parts',
    manifest: withSpec({ mysqlVersion: '8.0.32.1' }),
    refusal: /mysqlVersion is a version number/,
  },
  {
    title: 'a version that YAML made a number',
    manifest: withSpec({ mysqlVersion: 8.4 }),
    refusal: /mysqlVersion.*(string|expected)/,
  },
  {
    title: 'an image with a space',
    manifest: withSpec({ image: 'mysql 9' }),
    refusal: /image is the name of a container image/,
  },
  {
    title: 'a volume size in words',
    manifest: claim({ resources: { requests: { storage: '10 gigs' } } }),
    refusal: /size of a volume is a number above 0/,
  },
  {
    title: 'a volume size of zero',
    manifest: claim({ resources: { requests: { storage: 0 } } }),
    refusal: /size of a volume is a number above 0/,
  },
  {
    title: 'a memory request that is no amount',
    manifest: withSpec({ podSpec: { resources: { requests: { memory: '1GB' } } } }),
    refusal: /amount of a resource is a number of 0 or more/,
  },
  {
    title: 'a negative CPU limit',
    manifest: withSpec({ podSpec: { resources: { limits: { cpu: '-1' } } } }),
    refusal: /amount of a resource is a number of 0 or more/,
  },
  {
    title: 'two kinds of volume',
    manifest: withSpec({ volumeSpec: { emptyDir: {}, hostPath: { path: '/data' } } }),
    refusal: /volumeSpec holds one of persistentVolumeClaim, hostPath and emptyDir: remove the others/,
  },
  {
    title: 'an access mode that does not exist',
    manifest: claim({ accessModes: ['ReadWriteTwice'] }),
    refusal: /accessModes/,
  },
  {
    title: 'minAvailable in words',
    manifest: withSpec({ minAvailable: 'half' }),
    refusal: /minAvailable is a percentage such as 50%/,
  },
  {
    title: 'minAvailable above everything',
    manifest: withSpec({ minAvailable: '101%' }),
    refusal: /minAvailable is a percentage/,
  },
  { title: 'negative minAvailable', manifest: withSpec({ minAvailable: -1 }), refusal: /minAvailable is a percentage/ },
  {
    title: 'serverIDOffset 0',
    manifest: withSpec({ serverIDOffset: 0 }),
    refusal: /serverIDOffset is a number between 1 and 4294967196/,
  },
  {
    title: 'serverIDOffset beyond 32 bits',
    manifest: withSpec({ serverIDOffset: 4_294_967_295 }),
    refusal: /serverIDOffset is a number between 1 and/,
  },
  {
    title: 'a latency of 0 seconds',
    manifest: withSpec({ maxSlaveLatency: 0 }),
    refusal: /maxSlaveLatency is a number of seconds of 1 or more/,
  },
  {
    title: 'a durability that does not exist',
    manifest: withSpec({ replication: { dataDurability: 'maybe' } }),
    refusal: /dataDurability/,
  },
  {
    title: 'an isolation time-out of a second',
    manifest: withSpec({ replication: { isolationTimeoutSeconds: 1 } }),
    refusal: /isolationTimeoutSeconds is a number of seconds between 3 and 300/,
  },
  {
    title: 'a mysqlConf key that is a section',
    manifest: withSpec({ mysqlConf: { '[client]': 'x' } }),
    refusal: /keys of mysqlConf are names of mysqld options/,
  },
  {
    title: 'a mysqlConf value with a line break',
    manifest: withSpec({ mysqlConf: { init_file: 'a\n[client]' } }),
    refusal: /value of mysqlConf is one line/,
  },
  {
    title: "the operator's label in podSpec",
    manifest: withSpec({ podSpec: { labels: { role: 'master' } } }),
    refusal: /labels belong to the operator/,
  },
  {
    title: "a container with the operator's name",
    manifest: withSpec({ podSpec: { containers: [{ name: 'mysql', image: 'x' }] } }),
    refusal: /container names .* are taken by the operator/,
  },
  {
    title: "a volume with the operator's name",
    manifest: withSpec({ podSpec: { volumes: [{ name: 'data', emptyDir: {} }] } }),
    refusal: /volume names .* are taken by the operator/,
  },
  {
    title: 'a name with a dot',
    manifest: cluster('my.cluster', { secretName: 's' }),
    refusal: /no dots/,
    serverOnly: true,
  },
  {
    title: 'a name that begins with a digit',
    manifest: cluster('1st', { secretName: 's' }),
    refusal: /beginning with a letter/,
    serverOnly: true,
  },
  {
    title: 'a name too long for any namespace',
    manifest: cluster('n'.repeat(44), { secretName: 's' }),
    refusal: /name is too long: .* Use 43 characters or fewer/,
    serverOnly: true,
  },
  {
    title: 'a name too long for its namespace',
    manifest: cluster('n'.repeat(39), { secretName: 's' }),
    refusal:
      /\(n{39}-mysql-<n>\.mysql\.default\) would have 61 characters, and MySQL stores 60: use a name that is 1 shorter/,
    serverOnly: true,
  },
  {
    title: 'a name too long for so many replicas',
    manifest: cluster('n'.repeat(38), { secretName: 's', replicas: 11 }),
    refusal: /would have 61 characters/,
    serverOnly: true,
  },
];
