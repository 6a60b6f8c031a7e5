import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { configMaps, events } from './builtin-resources.ts';
import type { ConfigMap } from './builtin-types.ts';
import { EventRecorder } from './event-recorder.ts';
import { noKubeMetrics } from './kube-metrics.ts';
import { quietLogger } from './testing/quiet-logger.ts';
import { TestCluster } from './testing/test-cluster.ts';

let cluster: TestCluster;
let namespace: string;
let dropped: number;
let object: ConfigMap;
beforeAll(async () => {
  cluster = await TestCluster.start();
}, 60_000);
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
  dropped = 0;
  object = await cluster.client.create(configMaps, { metadata: { namespace, name: 'a' } });
});

const metrics = {
  ...noKubeMetrics,
  recorderDropped: () => {
    dropped += 1;
  },
};
const recorderOf = (client = cluster.client) =>
  new EventRecorder({ client, component: 'engine', instance: 'engine-0', logger: quietLogger, metrics });
const written = async () => (await cluster.client.list(events, { namespace })).items;

describe('the event recorder on a real API server', () => {
  test('writes what happened to an object, and counts repeats', async () => {
    const recorder = recorderOf();
    const event = { type: 'Warning' as const, reason: 'FailoverHeld', message: 'too few members are seen' };
    for (let i = 0; i < 3; i += 1) recorder.record(object, event);
    recorder.record(object, { ...event, message: 'another reason' });
    await recorder.flush();
    const all = await written();
    expect(all.map((one) => [one.reason, one.message, one.count])).toEqual(
      expect.arrayContaining([
        ['FailoverHeld', 'too few members are seen', 3],
        ['FailoverHeld', 'another reason', 1],
      ]),
    );
    expect(all).toHaveLength(2);
    expect(all[0]?.involvedObject).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace });
    expect(dropped).toBe(0);
  });

  test('writes a repeat anew when the event is gone', async () => {
    const recorder = recorderOf();
    const event = { type: 'Normal' as const, reason: 'Seen', message: 'x' };
    recorder.record(object, event);
    await recorder.flush();
    for (const one of await written()) await cluster.client.delete(events, one.metadata);
    recorder.record(object, event);
    await recorder.flush();
    expect((await written()).map((one) => one.count)).toEqual([1]);
  });

  test('drops and counts a flood of one reason about one object, and has room for another', async () => {
    const recorder = recorderOf();
    for (let i = 0; i < 40; i += 1)
      recorder.record(object, { type: 'Normal', reason: 'Flood', message: `number ${i}` });
    recorder.record(object, { type: 'Warning', reason: 'Errant', message: 'saved' });
    await recorder.flush();
    const reasons = (await written()).map(({ reason }) => reason);
    expect([reasons.filter((reason) => reason === 'Flood').length, dropped]).toEqual([25, 15]);
    expect(reasons).toContain('Errant');
  });

  test('cuts what is too long for the API', async () => {
    const recorder = recorderOf();
    recorder.record(object, { type: 'Normal', reason: 'Long', message: 'x'.repeat(5000) });
    await recorder.flush();
    expect((await written())[0]?.message).toHaveLength(1024);
  });

  test('drops and counts what cannot be written, and throws nothing', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    await relay.close();
    const recorder = recorderOf(client);
    recorder.record(object, { type: 'Normal', reason: 'Lost', message: 'x' });
    await recorder.flush();
    expect(dropped).toBe(1);
  });
});
