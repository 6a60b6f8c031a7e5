import { expect, test } from '@jest/globals';
import { busMetrics } from '@pilotfish/bus';
import { Metrics } from '@pilotfish/service';
import { describeMetrics, syncerMetrics } from './metrics.ts';

test('every described metric is there from the start, and no other', async () => {
  const metrics = new Metrics({ defaults: false });
  busMetrics(metrics);
  const ours = syncerMetrics(metrics);
  ours.cluster('shop', 'orders', { hasWriteEndpoint: true, healthyInstances: 3 });
  const text = await metrics.render();
  const rendered = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name ?? ''} ${type ?? ''}`);
  expect(rendered.sort()).toEqual(
    describeMetrics()
      .map(({ name, type }) => `${name} ${type}`)
      .sort(),
  );
  expect(text).toContain('pilotfish_cluster_write_endpoint{namespace="shop",cluster="orders"} 1');
  ours.forget('shop', 'orders');
  expect(await metrics.render()).not.toContain('orders');
});
