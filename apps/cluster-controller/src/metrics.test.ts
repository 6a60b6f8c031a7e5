import { expect, test } from '@jest/globals';
import { busMetrics } from '@pilotfish/bus';
import { Metrics } from '@pilotfish/service';
import { createControllerMetrics, describeMetrics } from './metrics.ts';

test('the registry has every metric that is described, with labels from a short list', async () => {
  const metrics = new Metrics({ defaults: false });
  createControllerMetrics(metrics);
  busMetrics(metrics);
  const text = await metrics.render();
  for (const { name, type, labels } of describeMetrics()) {
    expect(text).toContain(`# TYPE ${name} ${type}`);
    expect(name).toMatch(/^pilotfish_(controller|bus)_/);
    expect(['namespace', 'cluster', 'kind', 'outcome']).toEqual(expect.arrayContaining([...labels]));
  }
});
