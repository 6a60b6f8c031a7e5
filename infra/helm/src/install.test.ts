import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeApi, startKubeApi } from '@pilotfish/testkit';
import { chartFolder, helm, type Manifest } from './helm.ts';

const namespace = 'pilotfish-system';
const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/mysqlclusters.mysql.presslabs.org';
const subscriber = `/api/v1/namespaces/${namespace}/secrets/pilotfish-nats-subscriber`;

let api: KubeApi;

const release = (...args: readonly string[]) => helm(...args, '--kubeconfig', api.kubeconfig, '-n', namespace);

async function read(path: string): Promise<{ status: number; object: Manifest }> {
  const { status, body } = await api.request('GET', path);
  return { status, object: body as Manifest };
}

beforeAll(async () => {
  api = await startKubeApi();
  const labels = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  };
  await api.request('POST', '/api/v1/namespaces', { metadata: { name: namespace, labels } });
}, 900_000);

afterAll(async () => {
  await api.close();
});

describe('a release on a real kube-apiserver', () => {
  test('is accepted in a namespace that enforces the Pod Security Standard restricted', async () => {
    const { stdout, stderr } = await release('install', 'pilotfish', chartFolder);
    expect(stdout).toContain('STATUS: deployed');
    expect(stdout).toContain('kubectl get mysql my-cluster --watch');
    expect(stderr).not.toMatch(/violate|warning/i);
  }, 60_000);

  test('keeps its passwords in an upgrade', async () => {
    const before = await read(subscriber);
    await release('upgrade', 'pilotfish', chartFolder, '--set', 'topology-engine.replicas=3');
    const after = await read(subscriber);
    expect(after.object.data?.password).toMatch(/./);
    expect(after.object.data).toEqual(before.object.data);
    const engine = await read(`/apis/apps/v1/namespaces/${namespace}/deployments/pilotfish-topology-engine`);
    expect(engine.object.spec).toMatchObject({ replicas: 3 });
  }, 60_000);

  test('leaves the CRD, and so the clusters, when it goes, and takes it over when it comes back', async () => {
    await release('uninstall', 'pilotfish');
    expect((await read(subscriber)).status).toBe(404);
    expect((await read(crd)).status).toBe(200);
    await release('install', 'pilotfish', chartFolder);
    expect((await read(subscriber)).status).toBe(200);
  }, 60_000);
});
