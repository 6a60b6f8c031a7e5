import { beforeEach, describe, expect, test } from '@jest/globals';
import { done, KubeError } from '@pilotfish/kube';
import { eventually } from '@pilotfish/testkit';
import { hintLifetimeMs } from './hint-book.ts';
import { recentMs } from './recent-writes.ts';
import { settleMs } from './status-writer.ts';
import { openedEvent, TestApi } from './test-api.ts';
import { instance, podNameOf, rawPod, topology } from './test-clusters.ts';

let api: TestApi;
beforeEach(() => {
  api = new TestApi();
});

const unreachable = new KubeError({ status: 0, reason: 'Unreachable', message: 'no answer' });
const failedOver = topology({
  primary: podNameOf(1),
  epoch: 4,
  instances: [instance(0, 'Unreachable'), instance(1, 'Primary'), instance(2, 'Replicating')],
});

/** Three pods, labelled as `topology()` wants them. */
function labelledPods(): void {
  api.setPods(
    rawPod(0, { role: 'master', healthy: 'yes' }),
    rawPod(1, { role: 'replica', healthy: 'yes' }),
    rawPod(2, { role: 'replica', healthy: 'yes' }),
  );
}

async function settledCluster(): Promise<void> {
  api.setTopology(topology());
  labelledPods();
  await reconcileAndSettle();
  api.writes.length = 0;
}

/** What is told in the status waits until it has not changed for a moment. */
async function reconcileAndSettle(): Promise<void> {
  await api.reconcile();
  await api.clock.advance(settleMs);
  expect(await api.reconcile()).toEqual({ kind: 'requeue', afterMs: recentMs });
}

const eventNames = () => api.published.map(({ name, instance: pod }) => (pod === undefined ? name : `${name} ${pod}`));

describe('reconciling', () => {
  test('labels new pods, writes the status, and tells of it', async () => {
    api.setTopology(topology());
    api.setPods(rawPod(0), rawPod(1), rawPod(2));
    expect(await api.reconcile()).toEqual({ kind: 'requeue', afterMs: settleMs });
    expect(api.labels).toBe('master/yes replica/yes replica/yes');
    expect(api.status).not.toHaveProperty('conditions');
    await api.clock.advance(settleMs);
    await api.reconcile();
    expect(api.status).toMatchObject({ conditions: [{ type: 'ReadOnly', status: 'False' }] });
    expect(eventNames()).toEqual([
      'role-changed orders-mysql-0',
      'health-changed orders-mysql-0',
      'write-endpoint-moved',
      'role-changed orders-mysql-1',
      'health-changed orders-mysql-1',
      'role-changed orders-mysql-2',
      'health-changed orders-mysql-2',
    ]);
    expect(api.recorded).toEqual([
      'WriteEndpointMoved: Service orders-mysql-master leads to orders-mysql-0 now (epoch 3)',
    ]);
  });

  test('a restart changes nothing that was right', async () => {
    await settledCluster();
    const restarted = api.start();
    expect(await api.reconcile(restarted)).toEqual(done);
    expect(api.writes).toEqual([]);
    expect(api.published).toEqual([]);
    expect(api.recorded).toEqual([]);
  });

  test('without a topology nothing is touched, as in a cluster that was just adopted', async () => {
    api.setTopology(undefined);
    labelledPods();
    expect(await api.reconcile()).toEqual(done);
    expect(api.writes).toEqual([]);
  });

  test('the labels follow a failover, with one patch a pod of only what differs', async () => {
    await settledCluster();
    api.setTopology(failedOver);
    await api.reconcile();
    expect(api.labels).toBe('replica/no master/yes replica/yes');
    const patches = api.writes.filter(({ verb }) => verb === 'patchMerge');
    expect(patches.map(({ body }) => body)).toEqual([
      { metadata: { uid: 'uid-1', labels: { role: 'master' } } },
      { metadata: { uid: 'uid-0', labels: { role: 'replica', healthy: 'no' } } },
    ]);
    const moved = api.published.find(({ name }) => name === 'write-endpoint-moved');
    expect(moved?.data).toEqual({ primary: podNameOf(1), epoch: 4, delayMs: null });
  });

  test('what was written is not written again while the watch is late, and is looked at once more', async () => {
    await settledCluster();
    api.lag = true;
    api.setTopology(failedOver);
    await reconcileAndSettle();
    const writes = api.writes.length;
    await api.reconcile();
    expect(api.writes.length).toBe(writes);
    expect(api.published.length).toBe(4);
    api.sync();
    await api.clock.advance(recentMs);
    expect(await api.reconcile()).toEqual(done);
    expect(api.writes.length).toBe(writes);
  });

  test('labels that somebody else changed are put right', async () => {
    await settledCluster();
    api.setPods(rawPod(0, { role: 'replica', healthy: 'yes' }), rawPod(1, { role: 'master', healthy: 'evil' }));
    await api.reconcile();
    expect(api.labels).toBe('master/yes replica/yes');
  });

  test('a pod that is gone is no failure, and the others are labelled', async () => {
    await settledCluster();
    api.setTopology(failedOver);
    const survivors = [rawPod(1, { role: 'master', healthy: 'yes' }), rawPod(2, { role: 'replica', healthy: 'yes' })];
    api.fault = (name) => {
      if (name === podNameOf(0)) api.setPods(...survivors);
      return undefined;
    };
    await api.reconcile();
    expect(api.labels).toBe('master/yes replica/yes');
    expect(api.counts.get('patch gone')).toBe(1);
    expect(eventNames()).not.toContain('role-changed orders-mysql-0');
  });

  test('a patch that fails is a failure of the reconcile, after all else was done, and is tried again', async () => {
    await settledCluster();
    api.setTopology(failedOver);
    api.fault = (name) => (name === podNameOf(0) ? Promise.reject(unreachable) : undefined);
    await expect(api.reconcile()).rejects.toBe(unreachable);
    await api.clock.advance(settleMs);
    await expect(api.reconcile()).rejects.toBe(unreachable);
    expect(api.labels).toBe('master/yes master/yes replica/yes');
    expect(api.writes.some(({ verb }) => verb === 'apply')).toBe(true);
    api.fault = () => undefined;
    await api.reconcile();
    expect(api.labels).toBe('replica/no master/yes replica/yes');
  });

  test('a recreated pod is an unhealthy replica until the engine has spoken of it', async () => {
    await settledCluster();
    const others = [rawPod(1, { role: 'replica', healthy: 'yes' }), rawPod(2, { role: 'replica', healthy: 'yes' })];
    api.setPods(rawPod(0, { uid: 'recreated', ready: false }), ...others);
    await api.reconcile();
    expect(api.labels).toBe('replica/no replica/yes replica/yes');
    api.setTopology(topology({ epoch: 4 }));
    await api.reconcile();
    expect(api.labels).toBe('master/yes replica/yes replica/yes');
  });

  test('a patch meant for a pod never reaches another one that has taken its name', async () => {
    await settledCluster();
    api.setTopology(failedOver);
    api.fault = (name) => {
      if (name === podNameOf(1)) api.setPods(rawPod(1, { uid: 'recreated' }));
      return undefined;
    };
    await api.reconcile();
    expect(api.labels).toBe('/');
  });
});

describe('a switchover that hands over', () => {
  const handingOver = topology({ operation: { kind: 'switchover', to: podNameOf(1), phase: 'handing-over' } });

  test('gives the new master its label before it takes the old one away: the Service never leads nowhere', async () => {
    await settledCluster();
    api.setTopology(handingOver);
    const before = api.writes.length;
    await api.reconcile();
    const patched = api.writes.slice(before).filter(({ verb }) => verb === 'patchMerge');
    expect(patched.map(({ name }) => name)).toEqual([podNameOf(1), podNameOf(0)]);
    expect(api.labels).toBe('replica/yes master/yes replica/yes');
  });

  test('leaves the old one its label when the new one can not get it', async () => {
    await settledCluster();
    api.setTopology(handingOver);
    api.fault = (name) => (name === podNameOf(1) ? Promise.reject(new Error('no answer')) : undefined);
    await expect(api.reconcile()).rejects.toThrow('no answer');
    expect(api.labels).toBe('master/yes replica/yes replica/yes');
  });
});

describe('the event primary-opened', () => {
  test('moves the labels at once, that of the new master first, before the status says anything', async () => {
    await settledCluster();
    const answers: (() => void)[] = [];
    api.fault = () => new Promise((resolve) => answers.push(resolve));
    const moving = api.syncer.primaryOpened(openedEvent(api.clock, { primary: podNameOf(1), epoch: 4, ageMs: 7 }));
    expect(api.writes.map(({ name }) => name)).toEqual([podNameOf(1)]);
    answers[0]?.();
    await eventually(() => answers[1], { deadlineMs: 20_000, describe: 'the patch of the old master' });
    expect(api.writes.map(({ name }) => name)).toEqual([podNameOf(1), podNameOf(0)]);
    answers[1]?.();
    await moving;
    expect(api.labels).toBe('replica/no master/yes replica/yes');
    expect(api.published.find(({ name }) => name === 'write-endpoint-moved')?.data).toEqual({
      primary: podNameOf(1),
      epoch: 4,
      delayMs: 7,
    });
    expect(api.enqueued).toHaveLength(1);
  });

  test('is confirmed by the status without another patch', async () => {
    await settledCluster();
    await api.syncer.primaryOpened(openedEvent(api.clock, { primary: podNameOf(1), epoch: 4 }));
    await api.reconcile();
    const patches = () => api.writes.filter(({ verb }) => verb === 'patchMerge').length;
    expect(patches()).toBe(2);
    api.setTopology({ ...failedOver, writable: false });
    await api.reconcile();
    api.setTopology(failedOver);
    await api.reconcile();
    expect(patches()).toBe(2);
    expect(api.labels).toBe('replica/no master/yes replica/yes');
  });

  test('that the status never confirms is forgotten', async () => {
    await settledCluster();
    await api.syncer.primaryOpened(openedEvent(api.clock, { primary: podNameOf(1), epoch: 4 }));
    await api.clock.advance(hintLifetimeMs);
    await api.reconcile();
    expect(api.labels).toBe('master/yes replica/yes replica/yes');
  });

  test.each([
    ['of an earlier epoch', { primary: podNameOf(1), epoch: 2 }, 'stale'],
    ['that contradicts the status', { primary: podNameOf(1), epoch: 3 }, 'conflicting'],
    ['of what is known', { primary: podNameOf(0), epoch: 3 }, 'known'],
    ['about a former cluster of the name', { primary: podNameOf(1), epoch: 9, uid: 'former' }, 'unknown-cluster'],
  ])('%s changes nothing', async (_what, event, verdict) => {
    await settledCluster();
    await api.syncer.primaryOpened(openedEvent(api.clock, event));
    expect(api.writes).toEqual([]);
    expect(api.counts.get(`hint ${verdict}`)).toBe(1);
  });

  test('is only remembered by a standby, which acts on it when it leads', async () => {
    await settledCluster();
    api.leading = false;
    await api.syncer.primaryOpened(openedEvent(api.clock, { primary: podNameOf(1), epoch: 4 }));
    expect(api.writes).toEqual([]);
    api.leading = true;
    await api.reconcile();
    expect(api.labels).toBe('replica/no master/yes replica/yes');
  });

  test('leaves what could not be done at once to the reconcile', async () => {
    await settledCluster();
    api.fault = () => Promise.reject(unreachable);
    await api.syncer.primaryOpened(openedEvent(api.clock, { primary: podNameOf(1), epoch: 4 }));
    expect(api.enqueued).toHaveLength(1);
    api.fault = () => undefined;
    await api.reconcile();
    expect(api.labels).toBe('replica/no master/yes replica/yes');
  });
});
