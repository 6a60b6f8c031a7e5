import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mysqlClusterCrd } from '@pilotfish/api/crd';
import {
  configMaps,
  connectKube,
  events,
  type KubeClient,
  type KubeObject,
  namespaces,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  type Resource,
  secrets,
  services,
  statefulSets,
} from '@pilotfish/kube';
import { checkLeaks, eventually, type KubeApi, startKubeApi } from '@pilotfish/testkit';
import { mysqlClusters } from './reconcile/resources.ts';
import { ClusterLab, installCrd } from './testing/cluster-lab.ts';
import { topology } from './testing/fixtures.ts';
import { type RunningController, startController } from './testing/start-controller.ts';

let api: KubeApi;
let client: KubeClient;
let controller: RunningController;
let lab: ClusterLab;
let count = 0;

beforeAll(async () => {
  api = await startKubeApi();
  client = connectKube({ userAgent: 'test', kubeconfig: api.kubeconfig });
  await installCrd(client, mysqlClusterCrd());
}, 900_000);

afterAll(async () => {
  await client.close();
  await api.close();
});
checkLeaks({ beforeAll, afterAll });

beforeEach(() => {
  count += 1;
  lab = new ClusterLab(client, `shop-${String(count)}`);
  controller = startController(api.kubeconfig);
});
afterEach(async () => {
  await controller.stop();
});

const until = (describes: string, condition: () => unknown, deadlineMs = 10_000) =>
  eventually(async () => Boolean(await condition()), { deadlineMs, describe: describes, intervalMs: 50 });

const told = (): string[] =>
  controller.events.filter(({ namespace }) => namespace === lab.namespace).map(({ name }) => name);

/** Every object the controller makes, and the cluster. */
async function versions(): Promise<Record<string, string | undefined>> {
  const kinds: readonly Resource<KubeObject>[] = [
    mysqlClusters,
    statefulSets,
    services,
    configMaps,
    secrets,
    podDisruptionBudgets,
  ];
  const lists = await Promise.all(kinds.map((kind) => client.list(kind, { namespace: lab.namespace })));
  const objects = lists.flatMap(({ items }) => items);
  return Object.fromEntries(
    objects.map(({ kind, metadata }) => [`${kind ?? ''}/${metadata.name}`, metadata.resourceVersion]),
  );
}

describe('the manifest of the operator of old', () => {
  test('becomes the objects of the contract, with a missing Secret too, and that heals', async () => {
    await lab.create();
    const { message } = await lab.untilCondition('ConfigurationValid', 'SecretNotFound');
    expect(message).toContain('Create it with the key ROOT_PASSWORD');
    expect(Object.keys(await versions()).sort()).toEqual([
      'ConfigMap/my-cluster-1-mysql',
      'MysqlCluster/my-cluster-1',
      'PodDisruptionBudget/my-cluster-1-mysql',
      'Secret/my-cluster-1-mysql-operated',
      'Service/my-cluster-1-mysql',
      'Service/my-cluster-1-mysql-master',
      'Service/my-cluster-1-mysql-replicas',
      'Service/mysql',
      'StatefulSet/my-cluster-1-mysql',
    ]);
    const statefulSet = await client.get(statefulSets, lab.ref('-mysql'));
    expect(statefulSet.spec).toMatchObject({ replicas: 5, serviceName: 'mysql', podManagementPolicy: 'Parallel' });
    const master = await client.get(services, lab.ref('-mysql-master'));
    expect(master.spec.selector).toEqual({ ...statefulSet.spec.selector.matchLabels, role: 'master' });
    const { metadata } = await client.get(mysqlClusters, lab.ref());
    expect(metadata.annotations?.['mysql.presslabs.org/version']).toBe('300');
    expect(await lab.condition('Ready')).toMatchObject({ status: 'False', reason: 'StatefulSetNotReady' });
    await until('an event for people', async () => {
      const { items } = await client.list(events, { namespace: lab.namespace });
      return items.some(({ reason, type }) => reason === 'SecretNotFound' && type === 'Warning');
    });

    await lab.createSecret({ PASSWORD: 'x' });
    await lab.untilCondition('ConfigurationValid', 'SecretKeyMissing');
    await client.patchMerge(
      secrets,
      { namespace: lab.namespace, name: 'my-secret' },
      { stringData: { ROOT_PASSWORD: 'r' } },
    );
    expect(await lab.untilCondition('ConfigurationValid', 'ConfigurationAccepted')).toMatchObject({ status: 'True' });
    for (const name of ['cluster-created', 'ready-changed', 'configuration-refused']) expect(told()).toContain(name);
  }, 60_000);

  test('is Ready when its pods are, and a restarted controller writes nothing', async () => {
    await lab.create({ replicas: 3 });
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    await lab.runAll(3);
    await lab.untilCondition('Ready', 'ClusterReady');
    const { status } = await client.get(mysqlClusters, lab.ref());
    expect(status).toMatchObject({ readyNodes: 3, phase: 'Running', observedGeneration: 1 });
    const before = await versions();

    await controller.stop();
    controller = startController(api.kubeconfig);
    await until('the new controller to have applied everything', () => controller.writes() >= 8);
    expect(await versions()).toEqual(before);
    expect(told()).toEqual([]);
  }, 60_000);

  test('keeps what people set by hand on Services, and makes again what they delete', async () => {
    await lab.create({ replicas: 3 });
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    await until('the Service', () => lab.exists(services, '-mysql-master'));
    const byHand = {
      metadata: { annotations: { 'lb/internal': 'yes' }, labels: { role: null } },
      spec: { type: 'NodePort' },
    };
    await client.patchMerge(services, lab.ref('-mysql-master'), byHand);
    await client.patchMerge(services, lab.ref('-mysql-master'), { spec: { selector: { role: 'replica' } } });
    await until('the selector to be right again', async () => {
      return (await client.get(services, lab.ref('-mysql-master'))).spec.selector?.role === 'master';
    });
    const service = await client.get(services, lab.ref('-mysql-master'));
    expect(service.spec.type).toBe('NodePort');
    expect(service.metadata.annotations).toMatchObject({ 'lb/internal': 'yes' });

    await client.delete(configMaps, lab.ref('-mysql'));
    await until('the ConfigMap to be back', () => lab.exists(configMaps, '-mysql'));
    await client.delete(services, { namespace: lab.namespace, name: 'mysql' });
    await until('the headless Service to be back', async () =>
      client.find(services, { namespace: lab.namespace, name: 'mysql' }),
    );
  }, 60_000);

  test('gets back the passwords it had', async () => {
    await lab.create({ replicas: 1 });
    await until('the Secret', () => lab.exists(secrets, '-mysql-operated'));
    const first = await client.get(secrets, lab.ref('-mysql-operated'));
    await client.patchMerge(secrets, lab.ref('-mysql-operated'), { data: { AGENT_TOKEN: null, OPERATOR_USER: null } });
    await lab.patchSpec({ mysqlConf: { 'max-connections': 7 } });
    const healed = await eventually(
      async () => {
        const { data } = await client.get(secrets, lab.ref('-mysql-operated'));
        return data?.AGENT_TOKEN === undefined ? undefined : data;
      },
      { deadlineMs: 10_000, describe: 'the key to be back' },
    );
    const { AGENT_TOKEN: _old, ...kept } = first.data ?? {};
    expect(healed).toMatchObject(kept);
  }, 60_000);
});

describe('changes', () => {
  test('another my.cnf rolls the replicas, then the primary', async () => {
    await lab.create({ replicas: 3 });
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    await lab.runAll(3, 1);
    await lab.untilCondition('Ready', 'ClusterReady');
    const { spec: before } = await client.get(statefulSets, lab.ref('-mysql'));
    await lab.patchSpec({ mysqlConf: { 'max-connections': 77 } });
    await until('another template', async () => {
      const { spec } = await client.get(statefulSets, lab.ref('-mysql'));
      return spec.template.metadata?.annotations?.config_rev !== before.template.metadata?.annotations?.config_rev;
    });
    expect(await lab.podNames()).toHaveLength(3);
    await lab.observeTemplate('r2');
    for (const ordinal of [2, 0, 1]) {
      const name = `my-cluster-1-mysql-${String(ordinal)}`;
      await until(`pod ${name} to be deleted`, async () => !(await lab.podNames()).includes(name));
      expect(await lab.podNames()).toHaveLength(2);
      await lab.runPod(ordinal, 'r2');
    }
    await until('the roll to be over', () => told().includes('roll-completed'));
    expect(await lab.podNames()).toHaveLength(3);
    expect(told().filter((name) => /roll/.test(name))).toEqual([
      'roll-started',
      'instance-rolled',
      'instance-rolled',
      'instance-rolled',
      'roll-completed',
    ]);
  }, 60_000);

  test('scaling in waits for the primary to move, then removes pods and volumes', async () => {
    await lab.create({ replicas: 3 });
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    await lab.runAll(3, 2);
    for (const ordinal of [0, 1, 2]) await lab.createClaim(ordinal);
    await lab.untilCondition('Ready', 'ClusterReady');
    await lab.patchSpec({ replicas: 1 });
    await until('the hold to be told', async () => (await lab.condition('Ready'))?.message.includes('has to move'));
    expect((await client.get(statefulSets, lab.ref('-mysql'))).spec.replicas).toBe(3);
    await until('no PodDisruptionBudget', async () => !(await lab.exists(podDisruptionBudgets, '-mysql')));

    await lab.setTopology(topology(0, 3, { epoch: 2 }));
    await until('the StatefulSet to be smaller', async () => {
      return (await client.get(statefulSets, lab.ref('-mysql'))).spec.replicas === 1;
    });
    expect((await client.list(persistentVolumeClaims, { namespace: lab.namespace })).items).toHaveLength(3);
    for (const ordinal of [2, 1]) await client.delete(pods, lab.ref(`-mysql-${String(ordinal)}`));
    await until('the volumes to be gone', async () => {
      return (await client.list(persistentVolumeClaims, { namespace: lab.namespace })).items.length === 1;
    });
    await until('all of it to be told', () => told().filter((name) => name === 'volume-removed').length === 2);
    expect(told()).toContain('scaled');
  }, 60_000);
});

describe('bad input', () => {
  test('an object that Kubernetes refuses stops none of the others', async () => {
    await lab.create({ replicas: 3, podSpec: { containers: [{ name: 'no-image' }] } });
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    const { message } = await lab.untilCondition('ConfigurationValid', 'ObjectRefused');
    expect(message).toMatch(/StatefulSet my-cluster-1-mysql.*image/);
    expect(await lab.exists(services, '-mysql-master')).toBe(true);
    expect(await lab.exists(podDisruptionBudgets, '-mysql')).toBe(true);
    expect(await lab.exists(statefulSets, '-mysql')).toBe(false);
    await lab.patchSpec({ podSpec: null });
    await lab.untilCondition('ConfigurationValid', 'ConfigurationAccepted');
    expect(await lab.exists(statefulSets, '-mysql')).toBe(true);
  }, 60_000);

  test('an unknown version names those that are known', async () => {
    await lab.create({ mysqlVersion: '7.3' });
    const { message } = await lab.untilCondition('ConfigurationValid', 'UnknownVersion');
    expect(message).toContain('Known versions: 8.4.');
    expect(await lab.exists(configMaps, '-mysql')).toBe(true);
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    await lab.patchSpec({ mysqlVersion: '8.4' });
    await lab.untilCondition('ConfigurationValid', 'ConfigurationAccepted');
    const { spec } = await client.get(statefulSets, lab.ref('-mysql'));
    expect(spec.template.spec?.containers[0]?.image).toBe('r/mysql:8.4');
  }, 60_000);

  test('a name that is too long for MySQL makes nothing', async () => {
    lab = new ClusterLab(client, `shop-${String(count)}-${'x'.repeat(40)}`);
    await lab.create();
    const { message } = await lab.untilCondition('ConfigurationValid', 'NameTooLong');
    expect(message).toMatch(/MySQL stores 60/);
    expect(Object.keys(await versions())).toEqual(['MysqlCluster/my-cluster-1']);
  }, 60_000);

  test("somebody else's Service named mysql is left alone", async () => {
    await lab.create();
    await lab.createSecret({ ROOT_PASSWORD: 'r' });
    await until('ours', () => client.find(services, { namespace: lab.namespace, name: 'mysql' }));
    const other = new ClusterLab(client, `${lab.namespace}-b`);
    lab = other;
    await client.create(namespaces, { metadata: { name: other.namespace } });
    const ports = [{ name: 'web', port: 80 }];
    const metadata = { name: 'mysql', namespace: other.namespace };
    await client.create(services, { metadata, spec: { selector: { app: 'theirs' }, ports } });
    await client.create(mysqlClusters, {
      metadata: { name: other.name, namespace: other.namespace },
      spec: { secretName: 'my-secret' },
    });
    await other.createSecret({ ROOT_PASSWORD: 'r' });
    await other.untilCondition('ConfigurationValid', 'ServiceNameTaken');
    const { spec } = await client.get(services, { namespace: other.namespace, name: 'mysql' });
    expect(spec.selector).toEqual({ app: 'theirs' });
    expect(await other.exists(statefulSets, '-mysql')).toBe(true);
  }, 60_000);
});

describe('the end', () => {
  test('finalizers of the operator of old do not hold a cluster', async () => {
    const finalizers = ['mysql.presslabs.org/registered-in-orchestrator', 'OrchestratorFinalizer'];
    await lab.create({ replicas: 1 }, { finalizers });
    await until('the cluster to be known', () => told().includes('cluster-created'));
    await client.delete(mysqlClusters, lab.ref());
    await until('the cluster to be gone', async () => !(await lab.exists(mysqlClusters, '')));
    await until('its end to be told', () => told().includes('cluster-deleted'));
  }, 60_000);
});
