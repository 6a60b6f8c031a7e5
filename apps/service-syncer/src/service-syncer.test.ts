import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createEvent, type DomainEvent } from '@pilotfish/events';
import { events, pods } from '@pilotfish/kube';
import { checkLeaks, eventually } from '@pilotfish/testkit';
import { mysqlClusters } from './cluster-view.ts';
import { instance, podNameOf, rawPod, topology } from './test-clusters.ts';
import { TestKubernetes } from './test-kubernetes.ts';

let kubernetes: TestKubernetes;
beforeAll(async () => {
  kubernetes = await TestKubernetes.start();
}, 120_000);
beforeEach(() => kubernetes.createCluster());
afterEach(() => kubernetes.afterEach(), 30_000);
afterAll(() => kubernetes.close(), 60_000);
checkLeaks({ beforeAll, afterAll });

const deadlineMs = 10_000;
const allHealthy = 'master/yes replica/yes replica/yes';
const moved = 'replica/no master/yes replica/yes';
const failedOver = topology({
  primary: podNameOf(1),
  epoch: 4,
  instances: [instance(0, 'Unreachable'), instance(1, 'Primary'), instance(2, 'Replicating')],
});

async function openedEvent(primary: string, epoch: number): Promise<DomainEvent> {
  const { metadata } = await kubernetes.cluster();
  return createEvent({
    name: 'primary-opened',
    source: { service: 'topology-engine', pod: 'engine-0' },
    cluster: { namespace: 'shop', name: 'orders', uid: metadata.uid ?? '' },
    occurrence: { sequence: epoch },
    time: new Date(),
    data: { primary, epoch, previous: podNameOf(0), kind: 'failover' },
  });
}

async function settledCluster(): Promise<void> {
  await kubernetes.setTopology(topology());
  await kubernetes.labelsToBe(allHealthy);
  await kubernetes.statusToHold('ClusterReadOnlyFalse');
}

describe('with a real API server and a real NATS', () => {
  test('labels and status follow the status of the engine, which keeps what is its own', async () => {
    await kubernetes.startSyncer();
    await settledCluster();
    await kubernetes.setTopology(failedOver);
    await kubernetes.labelsToBe(moved);
    await kubernetes.statusToHold(`read-write: ${podNameOf(1)}`);
    expect((await kubernetes.cluster()).status).toMatchObject({
      topology: { epoch: 4, initialized: true },
      nodes: [
        { name: 'orders-mysql-0.mysql.shop', conditions: [{ type: 'Lagged', status: 'Unknown' }, {}, {}, {}] },
        {
          name: 'orders-mysql-1.mysql.shop',
          conditions: [{}, {}, { type: 'Master', status: 'True' }, { type: 'ReadOnly', status: 'False' }],
        },
        { name: 'orders-mysql-2.mysql.shop' },
      ],
    });
    const recorded = await eventually(
      async () => {
        const { items } = await kubernetes.client.list(events, { namespace: 'shop' });
        return items.find((event) => event.message.includes('epoch 4'));
      },
      { deadlineMs, describe: 'the Kubernetes Event' },
    );
    const involvedObject = { kind: 'MysqlCluster', name: 'orders' };
    expect(recorded).toMatchObject({ reason: 'WriteEndpointMoved', involvedObject });
  }, 60_000);

  test('the event is faster than the status, which then changes nothing', async () => {
    const { metrics } = await kubernetes.startSyncer();
    const { bus, heard } = await kubernetes.engineBus();
    await settledCluster();
    bus.publish(await openedEvent(podNameOf(1), 4));
    await kubernetes.labelsToBe(moved);
    await eventually(
      () => heard.some(({ name, data }) => name === 'write-endpoint-moved' && 'epoch' in data && data.epoch === 4),
      { deadlineMs, describe: 'the event write-endpoint-moved' },
    );
    const versionOf = async (name: string) => {
      const { metadata } = await kubernetes.client.get(pods, { namespace: 'shop', name });
      return metadata.resourceVersion;
    };
    const before = await versionOf(podNameOf(1));
    await kubernetes.setTopology(failedOver);
    await kubernetes.statusToHold(`read-write: ${podNameOf(1)}`);
    expect(await versionOf(podNameOf(1))).toBe(before);
    expect(await metrics.render()).toContain('pilotfish_syncer_hints_total{verdict="accepted"} 1');
  }, 60_000);

  test('a restart changes nothing that was right', async () => {
    const first = await kubernetes.startSyncer();
    await settledCluster();
    await first.stop();
    const versions = async () => {
      const { client } = kubernetes;
      const objects = [...(await client.list(pods)).items, ...(await client.list(mysqlClusters)).items];
      return objects.map(({ metadata }) => metadata.resourceVersion);
    };
    const before = await versions();
    const second = await kubernetes.startSyncer('syncer-1');
    // Only a reconcile sets it.
    const reconciled = 'pilotfish_cluster_healthy_instances{namespace="shop",cluster="orders"} 3';
    await eventually(async () => (await second.metrics.render()).includes(reconciled), {
      deadlineMs,
      describe: 'a reconcile',
    });
    expect(await versions()).toEqual(before);
  }, 60_000);

  test('a standby takes over at once when the leader ends, with what happened meanwhile', async () => {
    const leader = await kubernetes.startSyncer('syncer-0');
    await settledCluster();
    await kubernetes.startSyncer('syncer-1');
    await leader.stop();
    await kubernetes.setTopology(failedOver);
    await kubernetes.labelsToBe(moved);
  }, 60_000);

  test('a standby moves the labels when the leader is lost and its lease is not over', async () => {
    await kubernetes.holdLease('syncer-on-a-lost-node');
    const { metrics } = await kubernetes.startSyncer();
    await kubernetes.setTopology(topology());
    await kubernetes.labelsToBe(allHealthy);
    await kubernetes.setTopology(failedOver);
    await kubernetes.labelsToBe(moved);
    const rendered = await metrics.render();
    expect(rendered).toContain('pilotfish_syncer_stand_ins_total 2');
    expect((await kubernetes.cluster()).status).not.toHaveProperty('nodes');
  }, 60_000);

  test('a pod that is recreated is an unhealthy replica until the engine speaks of it', async () => {
    await kubernetes.startSyncer();
    await settledCluster();
    await kubernetes.client.delete(pods, { namespace: 'shop', name: podNameOf(0) }, { gracePeriodSeconds: 0 });
    await kubernetes.createPod(0);
    await kubernetes.labelsToBe('replica/no replica/yes replica/yes');
    await kubernetes.setTopology(topology({ epoch: 4 }));
    await kubernetes.labelsToBe(allHealthy);
  }, 60_000);

  test('a pod with the labels of an instance and another name is left alone', async () => {
    const { metrics } = await kubernetes.startSyncer();
    await settledCluster();
    const labels = { ...rawPod(2).metadata.labels, role: 'replica', healthy: 'no' };
    const spec = { containers: [{ name: 'mysql', image: 'mysql' }] };
    const annotations = { huge: 'x'.repeat(200_000) };
    await kubernetes.client.create(pods, {
      metadata: { name: 'intruder', namespace: 'shop', labels, annotations },
      spec,
    });
    await eventually(
      async () => (await metrics.render()).includes('pilotfish_syncer_ignored_objects_total{kind="pod"} 1'),
      { deadlineMs, describe: 'the intruder to be counted' },
    );
    await kubernetes.setTopology(failedOver);
    await kubernetes.labelsToBe(`replica/no ${moved}`);
  }, 60_000);
});
