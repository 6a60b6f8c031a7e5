import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseOrchestratorConfig } from '@pilotfish/api';
import { chartFolder, find, helm, type Manifest, template } from './helm.ts';
import { environment, workload, workloads } from './pod.ts';

const services = ['cluster-controller', 'topology-engine', 'service-syncer'] as const;

let manifests: Manifest[];

beforeAll(async () => {
  manifests = await template();
}, 900_000);

const service = (name: string) => workload(find(manifests, 'Deployment', `pilotfish-${name}`));

describe('every object', () => {
  test('says what it belongs to', () => {
    for (const { kind, metadata } of manifests) {
      expect([kind, metadata.name, metadata.labels]).toEqual([
        kind,
        metadata.name,
        expect.objectContaining({
          'app.kubernetes.io/part-of': 'pilotfish',
          'app.kubernetes.io/instance': 'pilotfish',
          'app.kubernetes.io/managed-by': 'Helm',
        }),
      ]);
    }
  });

  test.each([['pilotfish'], ['r'.repeat(53)]])(
    'of the release %s has a name of its own that Kubernetes takes',
    async (release) => {
      const made = await template({ release });
      const names = made.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { kind, metadata } of made) {
        const longest = /^(Service|StatefulSet|Deployment)$/.test(kind) ? 63 : 253;
        expect([metadata.name, metadata.name.length <= longest]).toEqual([metadata.name, true]);
      }
    },
  );
});

describe('every pod', () => {
  test('meets the Pod Security Standard restricted, and writes to no root file system', () => {
    for (const { name, pod, container } of workloads(manifests)) {
      expect([name, pod.securityContext]).toEqual([
        name,
        expect.objectContaining({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }),
      ]);
      expect([name, container.securityContext]).toEqual([
        name,
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      ]);
    }
  });

  test('is found by the selector of its workload, Service and budget, and by no other', () => {
    const pods = workloads(manifests);
    const selects = (selector: Record<string, string>) =>
      pods.filter(({ labels }) => Object.entries(selector).every(([key, value]) => labels[key] === value));
    for (const pod of pods) expect(selects(pod.selector)).toEqual([pod]);
    const others = manifests.filter(({ kind }) => kind === 'Service' || kind === 'PodDisruptionBudget');
    expect(others).toHaveLength(8);
    for (const { metadata, spec } of others) {
      const selector = spec?.selector as Record<string, string> & { matchLabels?: Record<string, string> };
      const [workloadName] = metadata.name.split(/-api$/);
      expect(selects(selector.matchLabels ?? selector).map(({ name }) => name)).toEqual([workloadName]);
    }
  });

  test('asks for resources and has a memory limit; no CPU limit could throttle it into false alarms', () => {
    for (const { container } of workloads(manifests)) {
      expect(container.resources.requests).toMatchObject({ cpu: expect.any(String), memory: expect.any(String) });
      expect(Object.keys(container.resources.limits)).toEqual(['memory']);
    }
  });

  test('has an image with a version', () => {
    for (const { container } of workloads(manifests)) {
      expect(container.image).toMatch(/^[^:]+(:[0-9]+)?\/[^:]+:[0-9][^:]*$/);
    }
  });
});

describe.each(services)('%s', (name) => {
  test('runs twice, each replica like the other, and is replaced without a gap', () => {
    const { spec } = find(manifests, 'Deployment', `pilotfish-${name}`);
    expect(spec).toMatchObject({ replicas: 2, strategy: { rollingUpdate: { maxUnavailable: 0 } } });
    expect(find(manifests, 'PodDisruptionBudget', `pilotfish-${name}`).spec).toMatchObject({ maxUnavailable: 1 });
    expect(service(name).pod.topologySpreadConstraints).toMatchObject([
      { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
    ]);
  });

  test('is probed and scraped on its port 8081', () => {
    const { container, annotations } = service(name);
    expect(container.ports[0]).toEqual({ name: 'ops', containerPort: 8081 });
    expect(container.startupProbe.httpGet).toEqual({ path: '/healthz', port: 'ops' });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'ops' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'ops' });
    expect(annotations).toMatchObject({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8081' });
  });

  test('is told where it runs, what to watch and how to reach NATS', () => {
    const { container, pod } = service(name);
    expect(environment(container)).toMatchObject({
      PILOTFISH_OPS_PORT: '8081',
      PILOTFISH_LOG_LEVEL: 'info',
      PILOTFISH_WATCH_NAMESPACE: '',
      PILOTFISH_NATS_URL: 'nats://pilotfish-nats.pilotfish-system:4222',
      PILOTFISH_NATS_USER: name,
    });
    expect(container.env).toContainEqual({
      name: 'PILOTFISH_NATS_PASSWORD',
      valueFrom: { secretKeyRef: { name: `pilotfish-nats-${name}`, key: 'password', optional: true } },
    });
    expect(pod.serviceAccountName).toBe(`pilotfish-${name}`);
  });

  test('can be switched off', async () => {
    const without = await template({ set: [`${name}.enabled=false`] });
    expect(without.filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === name)).toEqual([]);
    expect(workloads(without)).toHaveLength(3);
  });

  test('has a ServiceMonitor on request, for the port that its Service has', async () => {
    const monitored = await template({
      set: [`${name}.serviceMonitor.enabled=true`, `${name}.serviceMonitor.labels.team=db`],
    });
    const { spec, metadata } = find(monitored, 'ServiceMonitor', `pilotfish-${name}`);
    expect(metadata.labels.team).toBe('db');
    const { spec: target, metadata: targetMetadata } = find(monitored, 'Service', `pilotfish-${name}`);
    expect(target?.ports).toEqual([{ name: 'ops', port: 8081, targetPort: 'ops' }]);
    expect(spec).toMatchObject({ endpoints: [{ port: 'ops', path: '/metrics' }] });
    const { selector } = spec as { selector: { matchLabels: Record<string, string> } };
    expect(targetMetadata.labels).toMatchObject(selector.matchLabels);
  });
});

describe('the cluster-controller', () => {
  test('is told the images of MySQL pods', async () => {
    expect(environment(service('cluster-controller').container)).toMatchObject({
      PILOTFISH_AGENT_IMAGE: 'localhost/pilotfish/node-agent:0.1.0',
      PILOTFISH_EXPORTER_IMAGE: 'docker.io/prom/mysqld-exporter:v0.17.2',
      PILOTFISH_IMAGE_PULL_POLICY: 'IfNotPresent',
      PILOTFISH_MYSQL_IMAGES: JSON.stringify({
        '8.4': 'docker.io/library/mysql:8.4',
        '9.7': 'docker.io/library/mysql:9.7',
        default: 'docker.io/library/mysql:9.7',
      }),
    });
    const own = await template({
      set: [
        'global.image.registry=r.example:5000/p',
        'global.image.tag=t1',
        'cluster-controller.mysql.images.default=r.example/mysql:9',
        'cluster-controller.metricsExporter.image.repository=',
        'cluster-controller.metricsExporter.image.tag=',
        'nats.image.repository=',
        'nats.image.tag=',
      ],
    });
    const { container } = workload(find(own, 'Deployment', 'pilotfish-cluster-controller'));
    expect(container.image).toBe('r.example:5000/p/cluster-controller:t1');
    expect(environment(container)).toMatchObject({
      PILOTFISH_AGENT_IMAGE: 'r.example:5000/p/node-agent:t1',
      PILOTFISH_EXPORTER_IMAGE: 'r.example:5000/p/metrics-exporter:t1',
    });
    expect(environment(container).PILOTFISH_MYSQL_IMAGES).toContain('"default":"r.example/mysql:9"');
    expect(workload(find(own, 'StatefulSet', 'pilotfish-nats')).container.image).toBe('r.example:5000/p/nats:t1');
  });

  test('brings a PodMonitor for MySQL pods on request', async () => {
    const monitored = await template({ set: ['cluster-controller.mysqlPodMonitor.enabled=true'] });
    expect(find(monitored, 'PodMonitor', 'pilotfish-mysql').spec).toMatchObject({
      namespaceSelector: { any: true },
      selector: { matchLabels: { 'app.kubernetes.io/managed-by': 'mysql.presslabs.org' } },
      podMetricsEndpoints: [{ port: 'prometheus' }, { port: 'sidecar-http' }],
    });
  });
});

describe('the topology-engine', () => {
  test('serves its API through a Service of its own, ready replicas only', () => {
    const { container } = service('topology-engine');
    expect(container.ports).toContainEqual({ name: 'api', containerPort: 8080 });
    expect(environment(container)).toMatchObject({ PILOTFISH_API_PORT: '8080' });
    const { spec } = find(manifests, 'Service', 'pilotfish-topology-engine-api');
    expect(spec).toMatchObject({ ports: [{ name: 'api', port: 80, targetPort: 'api' }] });
    expect(spec).not.toHaveProperty('publishNotReadyAddresses');
  });
});

describe('the CRDs', () => {
  test('survive the uninstallation, unless told otherwise, and can be left out', async () => {
    const name = 'mysqlclusters.mysql.presslabs.org';
    const kind = 'CustomResourceDefinition';
    expect(find(manifests, kind, name).metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    const loose = await template({ set: ['crds.keep=false', 'crds.hostNamePolicy=false'] });
    expect(find(loose, kind, name).metadata.annotations).toBeUndefined();
    expect(loose.some((manifest) => manifest.kind.startsWith('ValidatingAdmissionPolicy'))).toBe(false);
    const without = await template({ set: ['crds.enabled=false'] });
    expect(without.some((manifest) => manifest.kind === kind)).toBe(false);
  });
});

describe('helm', () => {
  test('finds nothing to complain about', async () => {
    expect((await helm('lint', '--strict', chartFolder)).stdout).toContain('0 chart(s) failed');
  });

  test.each([
    ['nats.enabld=true', /'enabld' not allowed/],
    ['cluster-controller.replcas=1', /'replcas' not allowed/],
    ['cluster-controller.image.repo=x', /'repo' not allowed/],
    ['global.nats.uri=x', /'uri' not allowed/],
    ['crd.enabled=true', /'crd' not allowed/],
    ['topology-engine.replicas=-1', /minimum/],
    ['topology-engine.replicas=two', /want integer/],
    ['global.logLevel=loud', /must be one of/],
    ['nats.persistence.size=big', /does not match pattern/],
    ['nats.passwords.nobody=x', /'nobody' not allowed/],
    ['topology-engine.hooks[0].on=later', /must be one of .*before-failover/s],
    ['orchestrator.config.RecoverEverything=true', /'RecoverEverything' not allowed/],
  ])('refuses --set %s and says which key', async (value, message) => {
    await expect(template({ set: [value] })).rejects.toThrow(message);
  });

  test("takes Orchestrator's settings as the old chart did, and hands them to topology-engine", async () => {
    const config = (name: string) => `orchestrator.config.${name}`;
    const set = [`${config('RecoveryPeriodBlockSeconds')}=300`, `${config('RecoverMasterClusterFilters')}={.*}`];
    const made = await template({ set });
    const { data } = find(made, 'ConfigMap', 'pilotfish-orchestrator-config');
    expect(parseOrchestratorConfig(JSON.parse(data?.['config.json'] ?? '') as Record<string, unknown>)).toMatchObject({
      ok: true,
      settings: { recoveryBlockSeconds: 300, recoverPrimary: [{ expression: /.*/ }] },
    });
    const { pod, container } = workload(find(made, 'Deployment', 'pilotfish-topology-engine'));
    expect(pod.volumes).toContainEqual({
      name: 'orchestrator-config',
      configMap: { name: 'pilotfish-orchestrator-config', optional: true },
    });
    expect(environment(container).PILOTFISH_ORCHESTRATOR_CONFIG).toBe('/etc/pilotfish/orchestrator/config.json');
  });

  test('hands hooks and their programs to topology-engine', async () => {
    const engine = 'topology-engine';
    const set = [
      `${engine}.hooks[0].on=after-failover`,
      `${engine}.hooks[0].command={/hooks/tell,\\{successorHost\\}}`,
      `${engine}.extraVolumes[0].name=hooks`,
      `${engine}.extraVolumes[0].configMap.name=hooks`,
      `${engine}.extraVolumeMounts[0].name=hooks`,
      `${engine}.extraVolumeMounts[0].mountPath=/hooks`,
    ];
    const { pod, container } = workload(find(await template({ set }), 'Deployment', `pilotfish-${engine}`));
    expect(JSON.parse(environment(container).PILOTFISH_HOOKS ?? '')).toEqual([
      { on: 'after-failover', command: ['/hooks/tell', '{successorHost}'] },
    ]);
    expect(pod.volumes).toContainEqual({ name: 'hooks', configMap: { name: 'hooks' } });
  });

  test('refuses a Kubernetes that is too old', async () => {
    await expect(template({ kubeVersion: '1.29.0' })).rejects.toThrow(/requires kubeVersion: >=1.30/);
    await expect(template({ kubeVersion: '1.37.2' })).resolves.toHaveLength(manifests.length);
  });
});
