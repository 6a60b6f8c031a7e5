import { beforeEach, describe, expect, test } from '@jest/globals';
import { done, requeueAfter } from '@pilotfish/kube';
import { patienceMs } from './stand-in.ts';
import { TestApi } from './test-api.ts';
import { instance, podNameOf, rawPod, topology } from './test-clusters.ts';

let api: TestApi;
beforeEach(() => {
  api = new TestApi();
  api.leading = false;
  api.setTopology(topology());
  api.setPods(
    rawPod(0, { role: 'master', healthy: 'yes' }),
    rawPod(1, { role: 'replica', healthy: 'yes' }),
    rawPod(2, { role: 'replica', healthy: 'yes' }),
  );
});

const failedOver = topology({
  primary: podNameOf(1),
  epoch: 4,
  instances: [instance(0, 'Unreachable'), instance(1, 'Primary'), instance(2, 'Replicating')],
});
const before = 'master/yes replica/yes replica/yes';
const moved = 'replica/no master/yes replica/yes';

describe('a standby', () => {
  test('leaves labels alone that are right', async () => {
    expect(await api.standBy()).toEqual(done);
    expect(api.writes).toEqual([]);
  });

  test('moves labels that the leader has left behind for as long as a leader may need', async () => {
    api.setTopology(failedOver);
    expect(await api.standBy()).toEqual(requeueAfter(patienceMs));
    await api.clock.advance(patienceMs - 1);
    expect(await api.standBy()).toEqual(requeueAfter(1));
    expect(api.labels).toBe(before);
    await api.clock.advance(1);
    await api.standBy();
    expect(api.labels).toBe(moved);
    expect(api.counts.get('stood in')).toBe(1);
  });

  test('gives a leader its whole time again once it was seen to do its work', async () => {
    api.setTopology(failedOver);
    await api.standBy();
    await api.clock.advance(patienceMs);
    await api.reconcile();
    expect(await api.standBy()).toEqual(done);
    api.setTopology(topology({ epoch: 5 }));
    expect(await api.standBy()).toEqual(requeueAfter(patienceMs));
    expect(api.counts.get('stood in')).toBeUndefined();
  });

  test('with late caches puts nothing back: it reads anew before it writes', async () => {
    api.lag = true;
    api.setTopology(failedOver);
    await api.reconcile(api.start());
    expect(api.labels).toBe(moved);
    const writes = api.writes.length;
    expect(await api.standBy()).toEqual(requeueAfter(patienceMs));
    await api.clock.advance(patienceMs);
    expect(await api.standBy()).toEqual(done);
    expect([api.writes.length, api.counts.get('stood in')]).toEqual([writes, undefined]);
  });

  test('that leads by now leaves it to the leader that it is', async () => {
    api.setTopology(failedOver);
    await api.standBy();
    await api.clock.advance(patienceMs);
    api.leading = true;
    expect(await api.standBy()).toEqual(done);
    expect(api.labels).toBe(before);
  });
});
