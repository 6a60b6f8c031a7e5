import { beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import { graceMs, Incarnations } from './incarnations.ts';
import { clusterKey, instance, pod, podNameOf, topology } from './test-clusters.ts';

let clock: ManualClock;
let incarnations: Incarnations;
beforeEach(() => {
  clock = new ManualClock();
  incarnations = new Incarnations(clock);
});

const former = pod(0, { uid: 'former' });
const recreated = pod(0, { uid: 'recreated', ready: false });

describe('what the status says of a pod', () => {
  test('is believed of pods that were there when we started', () => {
    incarnations.observe(former, topology());
    expect(incarnations.isVouched(former, topology())).toBe(true);
  });

  test('is not believed of one that took the name, until the engine says something new about it', () => {
    incarnations.observe(former, topology());
    incarnations.observe(recreated, topology());
    expect(incarnations.isVouched(recreated, topology())).toBe(false);
    const aboutAnother = topology({ instances: [instance(0, 'Primary'), instance(1, 'Detached')] });
    expect(incarnations.isVouched(recreated, aboutAnother)).toBe(false);
    const aboutIt = topology({ instances: [instance(0, 'Unreachable'), instance(1, 'Replicating')] });
    expect(incarnations.isVouched(recreated, aboutIt)).toBe(true);
    expect(incarnations.isVouched(recreated, topology())).toBe(true);
  });

  test('counts as new when the epoch of its primary changes', () => {
    incarnations.observe(former, topology());
    incarnations.observe(recreated, topology());
    expect(incarnations.isVouched(recreated, topology({ epoch: 4 }))).toBe(true);
  });

  test('is believed after all when the pod has been Ready for a while and nothing new came', async () => {
    const ready = { ...recreated, ready: true };
    incarnations.observe(former, topology());
    incarnations.observe(recreated, topology());
    await clock.advance(graceMs);
    expect(incarnations.isVouched(ready, topology())).toBe(false);
    await clock.advance(graceMs - 1);
    expect(incarnations.isVouched(recreated, topology())).toBe(false);
    expect(incarnations.isVouched(ready, topology())).toBe(false);
    await clock.advance(graceMs);
    expect(incarnations.isVouched(ready, topology())).toBe(true);
  });

  test('is believed again once the cluster was forgotten, and only then', () => {
    incarnations.observe(former, topology());
    incarnations.forget('shop/order');
    incarnations.observe(recreated, topology());
    expect(incarnations.isVouched(recreated, topology())).toBe(false);
    incarnations.forget(clusterKey);
    expect(incarnations.isVouched(recreated, topology())).toBe(true);
    expect(podNameOf(0)).toBe(former.metadata.name);
  });
});
