import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { withDefaults } from './defaults.ts';
import { accepted, type Fixture, refused, seedManifest } from './manifest-fixtures.ts';
import { type MysqlCluster, parseCluster } from './mysql-cluster.ts';

function asRead(manifest: unknown): unknown {
  const object = structuredClone(manifest) as { metadata: Record<string, unknown> };
  Object.assign(object.metadata, { namespace: 'default', uid: 'u', resourceVersion: '7', generation: 3 });
  return object;
}

function parsed(raw: unknown): MysqlCluster {
  const result = parseCluster(raw);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.cluster;
}

const minimal = (spec: Record<string, unknown>, status?: unknown): unknown => ({
  metadata: { name: 'db', namespace: 'shop' },
  spec: { secretName: 's', ...spec },
  ...(status === undefined ? {} : { status }),
});

describe('parseCluster', () => {
  test('reads the manifest of the old operator', () => {
    const { metadata, spec, status } = parsed(asRead(parse(seedManifest)));
    expect(metadata).toMatchObject({ name: 'my-cluster-1', namespace: 'default', generation: 3, annotations: {} });
    expect(spec).toMatchObject({ replicas: 5, secretName: 'my-secret' });
    expect(spec.volumeSpec?.persistentVolumeClaim?.storageClassName).toBe('ceph-rbd');
    expect(status).toEqual({});
  });

  test.each(accepted.map(({ title, manifest }) => [title, manifest] as const))('accepts %s', (_title, manifest) => {
    expect(parseCluster(asRead(manifest))).toMatchObject({ ok: true });
  });

  const rows = refused.filter((fixture): fixture is Fixture & { refusal: RegExp } => fixture.serverOnly !== true);
  test.each(rows.map(({ title, manifest, refusal }) => [title, manifest, refusal] as const))(
    'reports %s in the words of the API server',
    (_title, manifest, refusal) => {
      const result = parseCluster(asRead(manifest));
      const text = result.ok ? '' : result.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
      expect(text).toMatch(refusal);
      expect(text).toMatch(/^spec\./);
    },
  );

  test('leaves out fields it does not know', () => {
    const { spec } = parsed(minimal({ backupSchedule: '0 0 0 * * *', queryLimits: { maxQueryTime: 3 } }));
    expect(spec).toEqual({ secretName: 's' });
  });

  test('keeps what Kubernetes objects inside the spec hold', () => {
    const container = { name: 'beside', image: 'x', securityContext: { futureField: [1, { a: true }] } };
    expect(parsed(minimal({ podSpec: { containers: [container] } })).spec.podSpec?.containers).toEqual([container]);
  });

  test('reads the status of the old operator', () => {
    const time = '2023-05-22T10:00:00Z';
    const status = {
      readyNodes: 2,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time, reason: 'ClusterReady', message: 'm' }],
      nodes: [
        { name: 'db-mysql-0.mysql.shop', conditions: [{ type: 'Master', status: 'True', lastTransitionTime: time }] },
      ],
    };
    expect(parsed(minimal({}, status)).status).toEqual(status);
  });

  test('a broken status is a problem and not an empty topology: who does not know the epoch must not choose a primary', () => {
    const result = parseCluster(minimal({}, { topology: { primary: 'db-mysql-0', epoch: 'three' } }));
    expect(result).toMatchObject({ ok: false });
  });

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (anything, spec, status) => {
        expect(typeof parseCluster(anything).ok).toBe('boolean');
        expect(typeof parseCluster({ metadata: { name: 'db', namespace: 'shop' }, spec, status }).ok).toBe('boolean');
      }),
    );
  });
});

describe('withDefaults', () => {
  const resolved = (spec: Record<string, unknown>) => withDefaults(parsed(minimal(spec))).spec;

  test('gives the values of the old operator', () => {
    expect(resolved({})).toMatchObject({
      replicas: 1,
      readOnly: false,
      maxSlaveLatency: 30,
      serverIDOffset: 100,
      minAvailable: undefined,
      keepAfterDelete: false,
      dataVolume: { kind: 'emptyDir', emptyDir: {} },
      replication: { dataDurability: 'preferred', isolationTimeoutSeconds: 10 },
      podSpec: { resources: { requests: { cpu: '200m', memory: '1Gi' } } },
    });
    expect(resolved({ replicas: 3 }).minAvailable).toBe('50%');
  });

  test('a claim gets access mode and size, and keeps what it has', () => {
    const spec = resolved({
      volumeSpec: { persistentVolumeClaim: { storageClassName: 'fast' }, keepAfterDelete: true },
    });
    expect(spec.dataVolume).toEqual({
      kind: 'persistentVolumeClaim',
      storage: '1Gi',
      claim: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    expect(spec.keepAfterDelete).toBe(true);
  });

  test('default requests give way to limits, which Kubernetes takes as requests', () => {
    const { podSpec } = resolved({ podSpec: { resources: { limits: { memory: '512Mi' } } } });
    expect(podSpec.resources).toEqual({ limits: { memory: '512Mi' }, requests: { cpu: '200m' } });
  });

  test('default limits give way to requests, which may be higher', () => {
    const { podSpec } = resolved({ podSpec: { metricsExporterResources: { requests: { memory: '1Gi' } } } });
    expect(podSpec.metricsExporterResources).toEqual({ requests: { memory: '1Gi' }, limits: { cpu: '100m' } });
  });

  test('the default affinity is replaced as a whole, also by an empty one', () => {
    expect(JSON.stringify(resolved({}).podSpec.affinity)).toContain('kubernetes.io/hostname');
    expect(resolved({ podSpec: { affinity: {} } }).podSpec.affinity).toEqual({});
  });
});
