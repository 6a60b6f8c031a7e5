import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tempFolder } from '@pilotfish/testkit';
import { configMaps } from './builtin-resources.ts';
import { connectKube } from './connect.ts';
import { KubeError } from './kube-error.ts';
import { noKubeMetrics } from './kube-metrics.ts';
import { TestCluster } from './testing/test-cluster.ts';
import { widgets } from './testing/widgets.ts';
import { writeKubeconfig } from './testing/write-kubeconfig.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start();
}, 60_000);
afterAll(() => cluster.close());

async function failureOf(request: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof KubeError) return error;
  throw new Error('a KubeError was expected', { cause: error });
}

const a = (namespace: string) => ({ namespace, name: 'a' });

describe('the client of a real API server', () => {
  test('creates, reads, and deletes, and tells what is missing from what failed', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const made = await client.create(configMaps, { metadata: a(namespace), data: { x: '1' } });
    expect(made.metadata.uid).toBeDefined();
    expect((await client.get(configMaps, a(namespace))).data).toEqual({ x: '1' });
    expect(await client.delete(configMaps, a(namespace))).toBe(true);
    expect(await client.delete(configMaps, a(namespace))).toBe(false);
    expect(await client.find(configMaps, a(namespace))).toBeUndefined();
    const missing = await failureOf(client.get(configMaps, a(namespace)));
    expect(missing.isNotFound).toBe(true);
    expect(missing.message).toBe('configmaps "a" not found');
  });

  test('tells an existing name from a conflict', async () => {
    const namespace = await cluster.namespace();
    const object = { metadata: a(namespace) };
    await cluster.client.create(configMaps, object);
    const error = await failureOf(cluster.client.create(configMaps, object));
    expect([error.isAlreadyExists, error.isConflict]).toEqual([true, false]);
  });

  test('reads all pages of a list, each object with apiVersion and kind', async () => {
    const namespace = await cluster.namespace();
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names)
      await cluster.client.create(configMaps, { metadata: { namespace, name, labels: { test: 'page' } } });
    const { items, resourceVersion } = await cluster.client.list(configMaps, {
      namespace,
      labelSelector: 'test=page',
      pageSize: 2,
    });
    expect(items.map((item) => [item.apiVersion, item.kind, item.metadata.name])).toEqual(
      names.map((name) => ['v1', 'ConfigMap', name]),
    );
    expect(resourceVersion).not.toBe('');
  });

  test('takes the resourceVersion in a merge patch as a precondition', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const made = await client.create(configMaps, { metadata: a(namespace), data: { x: '1', y: '2' } });
    const { resourceVersion } = made.metadata;
    const patched = await client.patchMerge(configMaps, a(namespace), {
      metadata: { resourceVersion },
      data: { x: null },
    });
    expect(patched.data).toEqual({ y: '2' });
    const late = client.patchMerge(configMaps, a(namespace), { metadata: { resourceVersion }, data: { x: '3' } });
    expect((await failureOf(late)).isConflict).toBe(true);
  });

  test('rejects a JSON patch whose test fails as invalid, and changes nothing', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create(widgets, { metadata: a(namespace), spec: { size: 1 } });
    await client.patchMerge(widgets, a(namespace), { status: { epoch: 4 } }, { subresource: 'status' });
    const error = await failureOf(
      client.patchJson(
        widgets,
        a(namespace),
        [
          { op: 'test', path: '/status/epoch', value: 3 },
          { op: 'replace', path: '/status/epoch', value: 4 },
        ],
        { subresource: 'status' },
      ),
    );
    expect([error.status, error.isInvalid, error.isConflict]).toEqual([422, true, false]);
    expect((await client.get(widgets, a(namespace))).status).toEqual({ epoch: 4 });
    const patch = [
      { op: 'test' as const, path: '/status/epoch', value: 4 },
      { op: 'replace' as const, path: '/status/epoch', value: 5 },
    ];
    const done = await client.patchJson(widgets, a(namespace), patch, { subresource: 'status' });
    expect(done.status).toEqual({ epoch: 5 });
  });

  test('keeps spec and status apart', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create(widgets, { metadata: a(namespace), spec: { size: 1 }, status: { lost: true } });
    const both = { spec: { size: 2 }, status: { seen: true } };
    const after = await client.patchMerge(widgets, a(namespace), both, { subresource: 'status' });
    expect([after.spec, after.status]).toEqual([{ size: 1 }, { seen: true }]);
  });

  test('applies, creating what is missing and removing what is no longer named', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const apply = (data: Record<string, string>) =>
      client.apply(configMaps, { metadata: a(namespace), data }, { fieldManager: 'one' });
    await apply({ x: '1', y: '1' });
    await client.patchMerge(configMaps, a(namespace), { data: { z: 'foreign' } }, { fieldManager: 'other' });
    expect((await apply({ x: '2' })).data).toEqual({ x: '2', z: 'foreign' });
  });

  test('rejects an apply of a field of another manager with its name, and takes it over when forced', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const apply = (fieldManager: string, x: string, force = false) =>
      client.apply(configMaps, { metadata: a(namespace), data: { x } }, { fieldManager, force });
    await apply('one', '1');
    const error = await failureOf(apply('two', '2'));
    expect(error.isConflict).toBe(true);
    expect(error.message).toContain('conflict with "one"');
    expect(error.causes).toEqual([expect.objectContaining({ reason: 'FieldManagerConflict', field: '.data.x' })]);
    expect((await apply('two', '2', true)).data).toEqual({ x: '2' });
  });

  test('does not create another object by an apply that names the uid of one that is gone', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    const metadata = { ...a(namespace), uid: '5f1c2b52-0000-4000-8000-000000000000' };
    const error = await failureOf(client.apply(configMaps, { metadata }, { fieldManager: 'one' }));
    expect(error.isConflict).toBe(true);
  });

  test('deletes only the object that is meant', async () => {
    const { client } = cluster;
    const namespace = await cluster.namespace();
    await client.create(configMaps, { metadata: a(namespace) });
    const preconditions = { uid: '5f1c2b52-0000-4000-8000-000000000000' };
    expect((await failureOf(client.delete(configMaps, a(namespace), { preconditions }))).isConflict).toBe(true);
  });

  test('says what the server says of an invalid object', async () => {
    const error = await failureOf(
      cluster.client.create(configMaps, { metadata: { namespace: 'default', name: 'No_Name' } }),
    );
    expect(error.isInvalid).toBe(true);
    expect(error.message).toContain('No_Name');
    expect(error.causes[0]?.field).toBe('metadata.name');
  });

  test('uses the same connection again and again', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    for (let i = 0; i < 20; i += 1) await client.list(configMaps, { namespace: 'default' });
    // Undici takes a second one when the next request comes before it has put the first back.
    expect(relay.connections).toBeLessThanOrEqual(2);
  });

  test('survives that the server closes a kept connection', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    await client.list(configMaps, { namespace: 'default' });
    relay.cut();
    await client.list(configMaps, { namespace: 'default' });
  });

  test('gives up at the deadline when nobody answers', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    await client.list(configMaps, { namespace: 'default' });
    relay.freeze();
    const error = await failureOf(client.list(configMaps, { namespace: 'default', deadlineMs: 100 }));
    expect([error.isUnreachable, error.reason]).toEqual([true, 'Timeout']);
  });

  test('rejects with the reason of the signal that ended it', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    relay.freeze();
    const controller = new AbortController();
    const request = client.get(configMaps, { namespace: 'default', name: 'a' }, { signal: controller.signal });
    controller.abort(new Error('leadership lost'));
    await expect(request).rejects.toThrow('leadership lost');
  });

  test('counts each request with its status', async () => {
    const seen: [string, number][] = [];
    const metrics = { ...noKubeMetrics, request: (method: string, status: number) => void seen.push([method, status]) };
    const client = cluster.connect({ metrics });
    await client.find(configMaps, { namespace: 'default', name: 'missing' });
    expect(seen).toEqual([['GET', 404]]);
  });
});

test('a client of nobody says so', async () => {
  const folder = await tempFolder('kubeconfig');
  const kubeconfig = await writeKubeconfig(folder.path, 'http://127.0.0.1:1');
  const client = connectKube({ userAgent: 'test', kubeconfig });
  const error = await failureOf(client.get(configMaps, { namespace: 'n', name: 'a' }));
  expect([error.isUnreachable, error.reason]).toEqual([true, 'Unreachable']);
  expect(error.message).toContain('ECONNREFUSED');
  await client.close();
  await folder.remove();
});
