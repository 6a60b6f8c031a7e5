import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KubeMetrics } from '@pilotfish/kube';
import { Health } from './health.ts';
import { kubeMetrics } from './kube-metrics.ts';
import { Metrics } from './metrics.ts';
import { type OpsServer, startOpsServer } from './ops-server.ts';

let server: OpsServer;
let health: Health;
let metrics: Metrics;
beforeEach(async () => {
  health = new Health();
  metrics = new Metrics();
  server = await startOpsServer({ port: 0, host: '127.0.0.1', health, metrics });
});
afterEach(() => server.close());

const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

describe('the ops server', () => {
  test('is not ready with the reason of each failing check', async () => {
    let bus: string | undefined = 'not connected to NATS';
    health.addReadiness('bus', () => bus);
    health.addReadiness('informers', () => Promise.reject(new Error('boom')));
    health.addReadiness('fine', () => undefined);
    const red = await get('/readyz');
    expect(red.status).toBe(503);
    expect(await red.json()).toEqual({
      ok: false,
      checks: { bus: 'not connected to NATS', informers: 'check failed: boom', fine: null },
    });
    bus = undefined;
    expect(await (await get('/readyz')).json()).toMatchObject({ checks: { bus: null } });
  });

  test('keeps liveness apart from readiness', async () => {
    health.addReadiness('bus', () => 'down');
    expect((await get('/healthz')).status).toBe(200);
    health.addLiveness('loop', () => 'stuck for 60 s');
    expect((await get('/healthz')).status).toBe(503);
  });

  test('serves metrics of its own registry and of the process', async () => {
    metrics.counter({ name: 'pilotfish_test_total', help: 'test' }).inc(2);
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('pilotfish_test_total 2');
    expect(text).toContain('process_resident_memory_bytes');
  });

  test('forgets the series of an object that is gone, whatever other labels they have', async () => {
    const gauge = metrics.gauge({
      name: 'pilotfish_lag',
      help: 'lag',
      labelNames: ['namespace', 'cluster', 'instance'],
    });
    const seconds = metrics.histogram({
      name: 'pilotfish_s',
      help: 's',
      labelNames: ['namespace', 'cluster'],
      buckets: [1],
    });
    for (const cluster of ['a', 'b']) {
      gauge.set({ namespace: 'shop', cluster, instance: 'i0' }, 1);
      seconds.observe({ namespace: 'shop', cluster }, 0.5);
    }
    await metrics.forget({ namespace: 'shop', cluster: 'a' });
    const text = await metrics.render();
    expect(text).not.toContain('cluster="a"');
    expect(text).toContain('pilotfish_lag{namespace="shop",cluster="b",instance="i0"} 1');
    expect(text).toContain('pilotfish_s_count{namespace="shop",cluster="b"} 1');
  });

  test('has the metrics of the Kubernetes client', async () => {
    const bound: KubeMetrics = kubeMetrics(metrics);
    bound.request('GET', 200, 5);
    expect(await metrics.render()).toContain('pilotfish_kube_requests_total{method="GET",status="200"} 1');
  });

  test('answers other paths and methods as errors', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`, { method: 'POST' })).status).toBe(405);
  });
});
