import { describe, expect, test } from '@jest/globals';
import { type ClusterOverrides, cluster, context, mysql97 } from '../testing/fixtures.ts';
import type { Container, StatefulSetManifest } from './manifest.ts';
import { type ImmutableFields, statefulSet } from './stateful-set.ts';
import { dataSource } from './volumes.ts';

const build = (overrides: ClusterOverrides = {}, existing?: ImmutableFields) =>
  statefulSet(context(overrides), { mysql: mysql97, configHash: 'h', replicas: 5, existing });

const containerOf = ({ spec }: StatefulSetManifest, name: string): Container => {
  const { containers, initContainers } = spec.template.spec;
  const found = [...initContainers, ...containers].find((one) => one['name' as never] === name);
  if (found === undefined) throw new Error(`no container ${name}`);
  return found as Container;
};

const existingWith = (overrides: ClusterOverrides, podManagementPolicy = 'Parallel'): ImmutableFields => {
  const source = dataSource(cluster(overrides));
  return { podManagementPolicy, claimTemplates: source.kind === 'claim' ? [source.template] : [] };
};

const claimOf = (claim: Record<string, unknown>): ClusterOverrides => ({
  spec: { volumeSpec: { persistentVolumeClaim: { storageClassName: 'ceph-rbd', ...claim } } },
});

describe('StatefulSet', () => {
  test('has the name, selector and claim template that can never change', () => {
    const { manifest } = build();
    const selector = {
      'mysql.presslabs.org/cluster': 'my-cluster-1',
      'app.kubernetes.io/name': 'mysql',
      'app.kubernetes.io/managed-by': 'mysql.presslabs.org',
    };
    expect(manifest.metadata.name).toBe('my-cluster-1-mysql');
    expect(manifest.spec).toMatchObject({
      replicas: 5,
      serviceName: 'mysql',
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
      selector: { matchLabels: selector },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels: selector },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'ceph-rbd',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
    });
    expect(manifest.spec.template.metadata.labels).toMatchObject(selector);
  });

  test.each([
    ['init', 'registry/agent:1', [], { conf: '/etc/mysql', 'config-map': '/mnt/conf', data: '/var/lib/mysql' }],
    [
      'mysql',
      'registry/mysql:9.7.0',
      ['mysql:3306'],
      { conf: '/etc/mysql', data: '/var/lib/mysql', run: '/var/run/mysqld', tmp: '/tmp' },
    ],
    [
      'sidecar',
      'registry/agent:1',
      ['sidecar-http:8080'],
      { conf: '/etc/mysql', data: '/var/lib/mysql', run: '/var/run/mysqld' },
    ],
    ['metrics-exporter', 'registry/exporter:1', ['prometheus:9125'], { conf: '/etc/mysql' }],
  ])('container %s runs %s with ports %s and the mounts of the contract', (name, image, ports, mounts) => {
    const container = containerOf(build().manifest, name);
    expect(container.image).toBe(image);
    expect((container.ports ?? []).map((port) => `${port.name}:${String(port.containerPort)}`)).toEqual(ports);
    const mounted = Object.fromEntries(
      container.volumeMounts.map((mount): [string, unknown] => [String(mount.name), mount['mountPath' as never]]),
    );
    expect(mounted).toMatchObject(mounts);
    expect(container.env.map(({ name: variable }) => variable)).toEqual(
      expect.arrayContaining([
        'MY_NAMESPACE',
        'MY_POD_NAME',
        'MY_POD_IP',
        'MY_SERVICE_NAME',
        'MY_CLUSTER_NAME',
        'MY_FQDN',
        'MY_MYSQL_VERSION',
        'MY_SERVER_ID_OFFSET',
      ]),
    );
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('only the agent and the init container see Secrets', () => {
    const { manifest } = build();
    for (const name of ['mysql', 'metrics-exporter']) {
      expect(JSON.stringify(containerOf(manifest, name))).not.toMatch(/secret/i);
    }
    const sidecar = containerOf(manifest, 'sidecar');
    expect(sidecar.envFrom).toEqual([{ secretRef: { name: 'my-cluster-1-mysql-operated' } }]);
    expect(containerOf(manifest, 'init').envFrom).toEqual(sidecar.envFrom);
    expect(sidecar.env).toContainEqual({
      name: 'MYSQL_ROOT_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'my-secret', key: 'ROOT_PASSWORD' } },
    });
    expect(sidecar.env).toContainEqual({
      name: 'MYSQL_DATABASE',
      valueFrom: { secretKeyRef: { name: 'my-secret', key: 'DATABASE', optional: true } },
    });
  });

  test('runs as user 999 without any privilege and with one process namespace', () => {
    expect(build().manifest.spec.template.spec).toMatchObject({
      shareProcessNamespace: true,
      terminationGracePeriodSeconds: 60,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: 'RuntimeDefault' } },
    });
  });

  test('spreads over nodes, and asks for what the contract says', () => {
    const { manifest } = build();
    expect(JSON.stringify(manifest.spec.template.spec.affinity)).toContain('"weight":100');
    expect(containerOf(manifest, 'mysql').resources).toEqual({ requests: { cpu: '200m', memory: '1Gi' } });
    expect(manifest.spec.template.metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9125',
      config_rev: 'h',
    });
  });

  test('the pod does not change with the number of replicas', () => {
    const [three, five] = [3, 5].map((replicas) => {
      return statefulSet(context({ spec: { replicas } }), {
        mysql: mysql97,
        configHash: 'h',
        replicas,
        existing: undefined,
      });
    });
    expect(three?.manifest.spec.template).toEqual(five?.manifest.spec.template);
  });

  test('passes all of podSpec on', () => {
    const podSpec = {
      imagePullPolicy: 'Always',
      imagePullSecrets: [{ name: 'registry' }],
      labels: { team: 'a', 'app.kubernetes.io/component': 'mine' },
      annotations: { note: 'n' },
      resources: { limits: { memory: '2Gi' } },
      affinity: { nodeAffinity: {} },
      mysqlLifecycle: { postStart: { exec: { command: ['true'] } } },
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'db', operator: 'Exists' }],
      priorityClassName: 'high',
      serviceAccountName: 'db',
      volumes: [{ name: 'extra', emptyDir: {} }],
      volumeMounts: [{ name: 'extra', mountPath: '/extra' }],
      initContainers: [{ name: 'first', image: 'x' }],
      containers: [{ name: 'last', image: 'y' }],
    };
    const { manifest } = build({ spec: { podSpec } });
    const { metadata, spec } = manifest.spec.template;
    const { imagePullSecrets, affinity, nodeSelector, tolerations, priorityClassName, serviceAccountName } = podSpec;
    expect(spec).toMatchObject({
      imagePullSecrets,
      affinity,
      nodeSelector,
      tolerations,
      priorityClassName,
      serviceAccountName,
    });
    expect(metadata.labels).toMatchObject({ team: 'a', 'app.kubernetes.io/component': 'mine' });
    expect(metadata.annotations).toMatchObject({ note: 'n' });
    expect(spec.initContainers.map((one) => one['name' as never])).toEqual(['first', 'init']);
    expect(spec.containers.map((one) => one['name' as never])).toEqual([
      'mysql',
      'sidecar',
      'metrics-exporter',
      'last',
    ]);
    expect(spec.volumes).toContainEqual({ name: 'extra', emptyDir: {} });
    const mysql = containerOf(manifest, 'mysql');
    expect(mysql.lifecycle).toEqual(podSpec.mysqlLifecycle);
    expect(mysql.imagePullPolicy).toBe('Always');
    expect(mysql.resources).toEqual({ limits: { memory: '2Gi' }, requests: { cpu: '200m' } });
    expect(mysql.volumeMounts).toContainEqual({ name: 'extra', mountPath: '/extra' });
    expect(containerOf(manifest, 'sidecar').volumeMounts).toContainEqual({ name: 'extra', mountPath: '/extra' });
    expect(containerOf(manifest, 'init').volumeMounts).not.toContainEqual({ name: 'extra', mountPath: '/extra' });
  });

  test.each([
    [{ hostPath: { path: '/srv' } }, { name: 'data', hostPath: { path: '/srv' } }],
    [{ emptyDir: { medium: 'Memory' } }, { name: 'data', emptyDir: { medium: 'Memory' } }],
    [undefined, { name: 'data', emptyDir: {} }],
  ])('volumeSpec %j becomes the volume %j', (volumeSpec, volume) => {
    const { manifest } = build({ spec: { volumeSpec } });
    expect(manifest.spec.template.spec.volumes).toContainEqual(volume);
    expect(manifest.spec).not.toHaveProperty('volumeClaimTemplates');
  });

  test('keepAfterDelete keeps the claims', () => {
    const volumeSpec = { persistentVolumeClaim: {}, keepAfterDelete: true };
    const { manifest } = build({ spec: { volumeSpec } });
    expect(manifest.spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' });
  });

  test('what Kubernetes never lets change is said again as it is', () => {
    const existing = existingWith(claimOf({ resources: { requests: { storage: '1024Mi' } } }), 'OrderedReady');
    const { manifest, problems } = build({}, existing);
    expect(problems).toEqual([]);
    expect(manifest.spec.podManagementPolicy).toBe('OrderedReady');
    expect(manifest.spec.volumeClaimTemplates).toEqual(existing.claimTemplates);
  });

  test.each([
    [{ resources: { requests: { storage: '2Gi' } } }, 'storage 2Gi -> 1Gi'],
    [{ storageClassName: 'slow' }, 'storageClassName slow -> ceph-rbd'],
    [{ accessModes: ['ReadWriteMany'] }, 'accessModes ReadWriteMany -> ReadWriteOnce'],
  ])('a claim with %j is kept, and the rest of the spec takes effect', (claim, difference) => {
    const existing = existingWith(claimOf(claim));
    const { manifest, problems } = build({}, existing);
    expect(problems).toEqual([
      expect.objectContaining({ blocks: 'nothing', message: expect.stringContaining(difference) }),
    ]);
    expect(manifest.spec.volumeClaimTemplates).toEqual(existing.claimTemplates);
  });

  test('another kind of volume cannot be applied at all', () => {
    const { problems } = build({}, { podManagementPolicy: 'Parallel', claimTemplates: [] });
    expect(problems).toEqual([expect.objectContaining({ blocks: 'stateful-set' })]);
  });
});
