import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TopologyStatus } from '@pilotfish/api';
import { mysqlClusterCrd } from '@pilotfish/api/crd';
import { connectKube, type KubeClient } from '@pilotfish/kube';
import { systemClock } from '@pilotfish/service';
import { type KubeApi, startKubeApi } from '@pilotfish/testkit';
import { mysqlClusters } from '../kube-inventory.ts';
import { KubeStore } from './kube-store.ts';

/** Against a real kube-apiserver: it is the arbiter between engines. */
let api: KubeApi;
let client: KubeClient;
let store: KubeStore;
let created = 0;

beforeAll(async () => {
  api = await startKubeApi({ crds: [mysqlClusterCrd()] });
  client = connectKube({ userAgent: 'test', kubeconfig: api.kubeconfig });
  store = new KubeStore(client, systemClock);
}, 120_000);

afterAll(async () => {
  await client.close();
  await api.close();
}, 30_000);

const first: TopologyStatus = {
  primary: 'db-mysql-0',
  epoch: 1,
  initialized: true,
  ackSet: { members: [], k: 0 },
  writable: true,
  instances: [],
};

const operation = (engine: string): NonNullable<TopologyStatus['operation']> => ({
  id: 'switchover-2',
  kind: 'switchover',
  from: 'db-mysql-0',
  to: 'db-mysql-1',
  phase: 'preparing',
  startedAt: '2026-01-01T00:00:00Z',
  reason: 'test',
  engine,
  previousAckSet: { members: [], k: 0 },
});

async function cluster(): Promise<string> {
  created += 1;
  const metadata = { namespace: 'default', name: `db-${created}` };
  await client.create(mysqlClusters, { metadata, spec: { replicas: 3, secretName: 's' } } as never);
  return `default/${metadata.name}`;
}

test('of two engines that record the first topology one loses', async () => {
  const key = await cluster();
  expect(await store.replace(key, first, undefined)).toBe(true);
  expect(await store.replace(key, { ...first, primary: 'db-mysql-1' }, undefined)).toBe(false);
  expect(await store.read(key)).toEqual(first);
  // The first requests to an API server that has just started take their time.
}, 30_000);

test('of two engines that open the same epoch one loses', async () => {
  const key = await cluster();
  await store.replace(key, first, undefined);
  expect(await store.replace(key, { ...first, epoch: 2, primary: 'db-mysql-1' }, first)).toBe(true);
  expect(await store.replace(key, { ...first, epoch: 2, primary: 'db-mysql-2' }, first)).toBe(false);
});

test('an engine that does not know of an operation writes nothing over it', async () => {
  const key = await cluster();
  await store.replace(key, first, undefined);
  const begun = { ...first, operation: operation('engine-a') };
  expect(await store.replace(key, begun, first)).toBe(true);
  expect(await store.replace(key, { ...first, writable: false }, first)).toBe(false);
  expect(await store.read(key)).toEqual(begun);
});

test('of two engines that change the ack set of one epoch one loses', async () => {
  const key = await cluster();
  await store.replace(key, first, undefined);
  const grown = { ...first, ackSet: { members: ['db-mysql-1'], k: 0 } };
  expect(await store.replace(key, grown, first)).toBe(true);
  expect(await store.replace(key, { ...first, instances: [] }, first)).toBe(false);
  expect(await store.read(key)).toEqual(grown);
});

test('an operation that another engine has taken over is no longer the old one’s', async () => {
  const key = await cluster();
  await store.replace(key, first, undefined);
  const begun = { ...first, operation: operation('engine-a') };
  await store.replace(key, begun, first);
  expect(await store.replace(key, { ...first, operation: operation('engine-b') }, begun)).toBe(true);
  expect(await store.replace(key, first, begun)).toBe(false);
});

test('what another service writes into the status is in nobody’s way', async () => {
  const key = await cluster();
  await store.replace(key, first, undefined);
  const ref = { namespace: 'default', name: key.slice('default/'.length) };
  await client.patchMerge(mysqlClusters, ref, { status: { readyNodes: 2 } }, { subresource: 'status' });
  expect(await store.replace(key, { ...first, writable: false }, first)).toBe(true);
});

test('what the schema refuses is an error, not a lost race', async () => {
  const key = await cluster();
  await store.replace(key, first, undefined);
  await expect(store.replace(key, { ...first, epoch: -1 }, first)).rejects.toThrow(/epoch/);
});

test('a condition keeps the time of its last transition', async () => {
  const key = await cluster();
  const condition = { type: 'Durable', reason: 'AckSetInForce', message: 'one' } as const;
  const read = async () => {
    const { status } = await client.get<never>(mysqlClusters as never, {
      namespace: 'default',
      name: key.slice('default/'.length),
    });
    return (status as { conditions: { lastTransitionTime: string; message: string }[] }).conditions[0];
  };
  await store.setConditions(key, [{ ...condition, status: 'True' }]);
  const before = await read();
  await store.setConditions(key, [{ ...condition, status: 'True', message: 'two' }]);
  expect(await read()).toEqual({ ...before, message: 'two' });
});

test('a former owner writes nothing more', async () => {
  const key = await cluster();
  const ownedBy = (engine: string, term: number): TopologyStatus => ({ ...first, owner: { engine, term } });
  await store.replace(key, first, undefined);
  expect(await store.replace(key, ownedBy('a', 1), first)).toBe(true);
  expect(await store.replace(key, ownedBy('b', 2), first)).toBe(false);
  expect(await store.replace(key, ownedBy('b', 2), ownedBy('a', 1))).toBe(true);
  expect(await store.replace(key, { ...ownedBy('a', 1), epoch: 2 }, ownedBy('a', 1))).toBe(false);
  expect(await store.read(key)).toEqual(ownedBy('b', 2));
}, 30_000);
