import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually, type KubeApi, startKubeApi, toolPath } from '@pilotfish/testkit';
import { parse } from 'yaml';
import { hostNamePolicy, mysqlClusterCrd } from './crd.ts';
import { accepted, refused, seedManifest } from './manifest-fixtures.ts';

let api: KubeApi;
let kubernetes: string;

/** What kubectl says, to either stream: it is what a user sees. */
async function kubectl(args: readonly string[], input: unknown = ''): Promise<{ ok: boolean; text: string }> {
  return await new Promise((resolve) => {
    const child = execFile(kubernetes, ['kubectl', '--kubeconfig', api.kubeconfig, ...args], (error, stdout, stderr) =>
      resolve({ ok: error === null, text: stdout + stderr }),
    );
    child.stdin?.end(typeof input === 'string' ? input : JSON.stringify(input));
  });
}

const apply = (manifest: unknown, ...args: readonly string[]) =>
  kubectl(['apply', '--server-side', '--validate=strict', '-f', '-', ...args], manifest);

beforeAll(async () => {
  kubernetes = await toolPath('kubernetes');
  api = await startKubeApi();
  for (const manifest of [mysqlClusterCrd(), ...hostNamePolicy()]) {
    const { ok, text } = await apply(manifest);
    if (!ok) throw new Error(text);
  }
  // A policy takes a moment to be in force.
  const tooLong = refused.find(({ title }) => title === 'a name too long for its namespace')?.manifest;
  await eventually(async () => !(await apply(tooLong, '--dry-run=server')).ok, {
    deadlineMs: 30_000,
    describe: 'the CRD to be served and the policy to be in force',
    intervalMs: 200,
  });
}, 900_000);

afterAll(async () => {
  await api.close();
});

describe('a real kube-apiserver', () => {
  test.each(accepted.map(({ title, manifest }) => [title, manifest] as const))(
    'accepts %s',
    async (_title, manifest) => {
      expect(await apply(manifest, '--dry-run=server')).toMatchObject({ ok: true });
    },
  );

  test.each(refused.map(({ title, manifest, refusal }) => [title, manifest, refusal] as const))(
    'refuses %s and says what to do',
    async (_title, manifest, refusal) => {
      const { ok, text } = await apply(manifest, '--dry-run=server');
      expect(text).toMatch(refusal ?? /./);
      expect(ok).toBe(false);
    },
  );

  test.each(['queryLimits', 'backupSchedule', 'typo'])(
    'tells a strict client that spec.%s is not served',
    async (field) => {
      const manifest = parse(seedManifest) as { spec: Record<string, unknown> };
      manifest.spec[field] = {};
      expect((await apply(manifest, '--dry-run=server')).text).toContain(`.spec.${field}`);
    },
  );
});

describe('the cluster of the old operator', () => {
  const patch = (spec: unknown) =>
    kubectl(['patch', 'mysql', 'my-cluster-1', '--type=merge', '-p', JSON.stringify({ spec })]);
  const patchClaim = (claim: unknown) => patch({ volumeSpec: { persistentVolumeClaim: claim } });

  beforeAll(async () => {
    expect(await kubectl(['apply', '--validate=strict', '-f', '-'], seedManifest)).toMatchObject({ ok: true });
  });

  test('is listed with Ready, Replicas and Age', async () => {
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: 'ClusterReady',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const status = {
      apiVersion: 'mysql.presslabs.org/v1alpha1',
      kind: 'MysqlCluster',
      metadata: { name: 'my-cluster-1' },
      status: { conditions: [condition] },
    };
    expect(await apply(status, '--subresource=status', '--field-manager=a')).toMatchObject({ ok: true });
    const { text } = await kubectl(['get', 'mysql']);
    expect(text).toMatch(/^NAME +READY +REPLICAS +AGE\nmy-cluster-1 +True +5 +\d+s\n$/);
  });

  test('keeps the conditions of two writers apart', async () => {
    const condition = {
      type: 'ReadOnly',
      status: 'False',
      reason: 'ClusterReadOnlyFalse',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const status = {
      apiVersion: 'mysql.presslabs.org/v1alpha1',
      kind: 'MysqlCluster',
      metadata: { name: 'my-cluster-1' },
      status: { conditions: [condition] },
    };
    expect(await apply(status, '--subresource=status', '--field-manager=b')).toMatchObject({ ok: true });
    const { text } = await kubectl(['get', 'mysql', 'my-cluster-1', '-o', 'jsonpath={.status.conditions[*].type}']);
    expect(text).toBe('Ready ReadOnly');
  });

  test('scales', async () => {
    expect(await kubectl(['scale', 'mysql', 'my-cluster-1', '--replicas=3'])).toMatchObject({ ok: true });
    expect((await kubectl(['scale', 'mysql', 'my-cluster-1', '--replicas=100'])).text).toMatch(
      /replicas is a number between/,
    );
  });

  test('may spell its defaults out or leave them out', async () => {
    expect(await patchClaim({ accessModes: null, resources: null })).toMatchObject({ ok: true });
    expect(
      await patchClaim({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }),
    ).toMatchObject({ ok: true });
  });

  test('cannot move its volumes to another class, size or kind', async () => {
    expect((await patchClaim({ storageClassName: 'fast' })).text).toMatch(
      /storageClassName cannot change: .* Create a new cluster/,
    );
    expect((await patchClaim({ resources: { requests: { storage: '2Gi' } } })).text).toMatch(
      /size of the volumes cannot change/,
    );
    expect((await patchClaim({ accessModes: ['ReadWriteMany'] })).text).toMatch(
      /accessModes and selector cannot change/,
    );
    expect((await patch({ volumeSpec: { persistentVolumeClaim: null, emptyDir: {} } })).text).toMatch(
      /kind of the data volumes/,
    );
    expect((await patch({ volumeSpec: null })).text).toMatch(/kind of the data volumes/);
  });
});

test('a cluster that is older than the rules about names can be edited and deleted', async () => {
  const crd = mysqlClusterCrd();
  const lenient = structuredClone(crd);
  const [version] = lenient.spec.versions as { schema: { openAPIV3Schema: Record<string, unknown> } }[];
  delete version?.schema.openAPIV3Schema['x-kubernetes-validations'];
  await kubectl(['delete', 'validatingadmissionpolicybinding', '--all']);
  await apply(lenient, '--force-conflicts');
  const old = {
    ...(parse(seedManifest) as Record<string, unknown>),
    metadata: { name: 'old.name', finalizers: ['example.com/hold'] },
  };
  await eventually(async () => (await apply(old)).ok, {
    deadlineMs: 30_000,
    describe: 'the old name to be accepted',
    intervalMs: 200,
  });
  await apply(crd, '--force-conflicts');
  const another = { ...old, metadata: { name: 'an.other' } };
  await eventually(async () => !(await apply(another, '--dry-run=server')).ok, {
    deadlineMs: 30_000,
    describe: 'the rule to be in force',
    intervalMs: 200,
  });
  expect(await kubectl(['scale', 'mysql', 'old.name', '--replicas=1'])).toMatchObject({ ok: true });
  await kubectl(['delete', 'mysql', 'old.name', '--wait=false']);
  const release = await kubectl([
    'patch',
    'mysql',
    'old.name',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  ]);
  expect(release).toMatchObject({ ok: true });
}, 120_000);
