import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, type KubeApi, startKubeApi, toolPath } from './index.ts';

const widgets = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

let api: KubeApi;
beforeAll(async () => {
  api = await startKubeApi({ crds: [widgets] });
}, 120_000);
afterAll(async () => {
  await api.close();
});
checkLeaks({ beforeAll, afterAll });

test('the given CRD is served', async () => {
  const widget = { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'first' } };
  const created = await api.request('POST', '/apis/example.org/v1/namespaces/default/widgets', widget);
  expect(created.status).toBe(201);
});

test('a pod can be created, and stays as it was made', async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'idle' },
    spec: { containers: [{ name: 'main', image: 'example.org/none' }] },
  };
  expect((await api.request('POST', '/api/v1/namespaces/default/pods', pod)).status).toBe(201);
  expect(await api.request('GET', '/api/v1/namespaces/default/pods/idle')).toMatchObject({
    status: 200,
    body: { status: { phase: 'Pending' } },
  });
});

test('nobody gets in without the token', async () => {
  const { status } = await api.request('GET', '/api/v1/namespaces');
  expect(status).toBe(200);
  const { stdout } = await kubectl('auth', 'can-i', 'list', 'secrets', '--as=somebody').catch(
    (error: unknown) => error as { stdout: string },
  );
  expect(stdout).toContain('no');
});

test('kubectl takes the kubeconfig, and an outage keeps the data', async () => {
  await api.stop();
  await expect(api.request('GET', '/readyz')).rejects.toThrow('ECONNREFUSED');
  await api.start();
  expect((await kubectl('get', 'widgets', '--output=name')).stdout).toBe('widget.example.org/first\n');
}, 120_000);

async function kubectl(...args: string[]): Promise<{ stdout: string }> {
  return await promisify(execFile)(await toolPath('kubernetes'), [
    'kubectl',
    `--kubeconfig=${api.kubeconfig}`,
    ...args,
  ]);
}
