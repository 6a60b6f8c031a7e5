import { expect, test } from '@jest/globals';
import { Metrics } from '@pilotfish/service';
import { createMetrics, describeMetrics } from './metrics.ts';

test('every metric that is described is made, with the prefix of the agent', async () => {
  const registry = new Metrics({ defaults: false });
  createMetrics(registry);
  const text = await registry.render();
  const described = describeMetrics();
  expect(described.length).toBeGreaterThan(10);
  for (const { name, help, type } of described) {
    expect(name).toMatch(/^pilotfish_agent_[a-z_]+$/);
    expect(text).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
  }
});
