import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually, ManualClock } from '@pilotfish/testkit';
import { configMaps } from './builtin-resources.ts';
import type { ConfigMap } from './builtin-types.ts';
import { Controller } from './controller.ts';
import { Informer, type InformerOptions } from './informer.ts';
import type { KubeClient } from './kube-client.ts';
import { noKubeMetrics } from './kube-metrics.ts';
import { done } from './reconcile-result.ts';
import { quietLogger } from './testing/quiet-logger.ts';
import { TestCluster } from './testing/test-cluster.ts';
import { widgets } from './testing/widgets.ts';

let cluster: TestCluster;
let namespace: string;
let stop: AbortController;
let running: Promise<unknown>[];
let log: string[];

beforeAll(async () => {
  cluster = await TestCluster.start();
}, 60_000);
afterAll(() => cluster.close());
beforeEach(async () => {
  namespace = await cluster.namespace();
  stop = new AbortController();
  running = [];
  log = [];
});
afterEach(async () => {
  stop.abort(new Error('test is over'));
  await Promise.all(running);
});

/** Notes lists, watches and kinds of events in `log`. */
const metrics = {
  ...noKubeMetrics,
  listed: (_resource: string, reason: string) => void log.push(`list ${reason}`),
  watched: () => void log.push('watch'),
  watchEvent: (_resource: string, type: string) => void log.push(type),
};

function start(options: Partial<InformerOptions<ConfigMap, ConfigMap, 'color'>> = {}) {
  const informer = new Informer<ConfigMap, 'color'>({
    client: cluster.client,
    resource: configMaps,
    namespace,
    labelSelector: 'color',
    logger: quietLogger,
    metrics,
    indexes: { color: (object) => [object.metadata.labels?.color ?? ''] },
    ...options,
  });
  running.push(informer.run(stop.signal));
  return informer;
}

const make = (name: string, color = 'red') =>
  cluster.client.create(configMaps, { metadata: { namespace, name, labels: { color } }, data: { x: '1' } });
const until = (what: string, condition: () => boolean, deadlineMs = 3_000) =>
  eventually(condition, { deadlineMs, describe: what });

describe('an informer of a real API server', () => {
  test('lists, then follows what is created, changed and deleted, with its indexes', async () => {
    await make('a');
    await make('b', 'blue');
    const informer = start();
    const changes: string[] = [];
    informer.onChange(({ type, object }) => changes.push(`${type} ${object.metadata.name}`));
    await informer.synced;
    expect(changes).toEqual(['added a', 'added b']);
    expect(informer.store.by('color', 'blue').map((object) => object.metadata.name)).toEqual(['b']);
    await make('c', 'blue');
    await cluster.client.patchMerge(configMaps, { namespace, name: 'a' }, { metadata: { labels: { color: 'blue' } } });
    await cluster.client.delete(configMaps, { namespace, name: 'b' });
    await until('all changes', () => changes.length === 5);
    expect(changes.slice(2)).toEqual(['added c', 'updated a', 'deleted b']);
    expect(informer.store.by('color', 'blue').map((object) => object.metadata.name)).toEqual(['c', 'a']);
    expect(informer.store.by('color', 'red')).toEqual([]);
    expect(informer.store.get(`${namespace}/a`)?.apiVersion).toBe('v1');
  });

  test('sees an object leave its selection as deleted', async () => {
    await make('a');
    const informer = start();
    await informer.synced;
    await cluster.client.patchMerge(configMaps, { namespace, name: 'a' }, { metadata: { labels: { color: null } } });
    await until('the end of it', () => informer.store.size === 0);
  });

  test('keeps objects without what only the server reads', async () => {
    await make('a');
    const informer = start();
    await informer.synced;
    expect((await cluster.client.get(configMaps, { namespace, name: 'a' })).metadata.managedFields).toBeDefined();
    expect(informer.store.get(`${namespace}/a`)?.metadata.managedFields).toBeUndefined();
    expect(informer.store.get(`${namespace}/a`)?.data).toEqual({ x: '1' });
  });

  test('tells a handler that comes late of what is there', async () => {
    await make('a');
    const informer = start();
    await informer.synced;
    const changes: string[] = [];
    informer.onChange(({ type, object }, { initial }) =>
      changes.push(`${type} ${object.metadata.name} ${String(initial)}`),
    )();
    await make('b');
    await until('the second object', () => informer.store.size === 2);
    expect(changes).toEqual(['added a true']);
  });

  test('misses nothing when its connections are cut, and does not list again', async () => {
    const { client, relay } = await cluster.connectThroughRelay();
    const informer = start({ client, timing: { retryBaseMs: 10 } });
    await informer.synced;
    for (let round = 0; round < 5; round += 1) {
      await until('a watch', () => log.at(-1) === 'watch' || log.at(-1) === 'ADDED');
      const making = make(`o${round}`);
      relay.cut();
      await making;
      await until(`object ${round}`, () => informer.store.size === round + 1);
    }
    expect(log.filter((entry) => entry.startsWith('list'))).toEqual(['list start']);
  });

  test('lists again when the server no longer has the version it was at', async () => {
    await cluster.client.create(widgets, { metadata: { namespace, name: 'a' } });
    const outdated: Pick<KubeClient, 'list' | 'watch'> = {
      list: async (resource, options) => {
        const result = await cluster.client.list(resource, options);
        // From before the resource was defined: the server has no history of it back then.
        return log.length === 1 ? { ...result, resourceVersion: '1' } : result;
      },
      watch: (resource, options) => cluster.client.watch(resource, options),
    };
    const informer = new Informer({ client: outdated, resource: widgets, namespace, logger: quietLogger, metrics });
    running.push(informer.run(stop.signal));
    await until('the second watch', () => log.filter((entry) => entry === 'watch').length === 2);
    expect(log).toEqual(['list start', 'watch', 'ERROR', 'list expired', 'watch']);
    await cluster.client.create(widgets, { metadata: { namespace, name: 'b' } });
    await until('the new object', () => informer.store.size === 2);
  });

  test('gets bookmarks while nothing of its own changes, and goes on from them when the server ends the watch', async () => {
    const informer = start({ timing: { watchSeconds: [6, 6] } });
    await informer.synced;
    // Outside of the selection: the server's version moves on, and only a bookmark, two seconds before the end, says so.
    const moveOn = () =>
      cluster.client.create(configMaps, {
        metadata: { namespace, name: `unlabelled-${log.length}-${Math.random().toString(36).slice(2)}` },
      });
    await eventually(
      async () => {
        await moveOn();
        return log.filter((entry) => entry === 'watch').length === 2;
      },
      {
        deadlineMs: 15_000,
        describe: 'the second watch',
        intervalMs: 250,
      },
    );
    expect(log.slice(0, 2)).toEqual(['list start', 'watch']);
    expect(log.slice(2, -1)).toContain('BOOKMARK');
    expect(log.at(-1)).toBe('watch');
    await make('a');
    await until('the object', () => informer.store.size === 1);
  }, 20_000);
});

describe('an informer when its API server is down', () => {
  test('keeps what it has, and has the rest soon after the server is back', async () => {
    await make('a');
    const informer = start({ timing: { retryCapMs: 200 } });
    await informer.synced;
    await cluster.api.stop();
    expect(informer.store.size).toBe(1);
    await expect(cluster.client.get(configMaps, { namespace, name: 'a' })).rejects.toMatchObject({
      isUnreachable: true,
    });
    await cluster.api.start();
    await make('b');
    await until('the new object', () => informer.store.size === 2, 5_000);
  }, 60_000);
});

describe('a controller on informers of a real API server', () => {
  test('reconciles each key once after the list, with whole stores, and then what changes', async () => {
    await make('a');
    await make('b', 'blue');
    const informer = new Informer<ConfigMap, 'color'>({
      client: cluster.client,
      resource: configMaps,
      namespace,
      labelSelector: 'color',
      logger: quietLogger,
      indexes: { color: (object) => [object.metadata.labels?.color ?? ''] },
    });
    const runs: string[] = [];
    const controller = new Controller({
      name: 'colors',
      logger: quietLogger,
      reconcile: (color) => {
        const names = informer.store.by('color', color).map((object) => object.metadata.name);
        runs.push(`${color}: ${names.join(' ')}`);
        return Promise.resolve(done);
      },
    }).watches(informer, (object) => [object.metadata.labels?.color ?? '']);
    running.push(controller.run(stop.signal), informer.run(stop.signal));
    await until('the first two', () => runs.length === 2);
    expect(runs).toEqual(['red: a', 'blue: b']);
    await cluster.client.patchMerge(configMaps, { namespace, name: 'b' }, { metadata: { labels: { color: 'red' } } });
    await until('old and new key', () => runs.length === 4);
    expect(runs.slice(2)).toEqual(['blue: ', 'red: a b']);
  });

  test('leaves time for what is more urgent before it reconciles what changes', async () => {
    const clock = new ManualClock();
    const informer = start();
    const runs: string[] = [];
    const controller = new Controller({
      name: 'patient',
      logger: quietLogger,
      clock,
      gatherMs: 300,
      reconcile: (key) => {
        runs.push(key);
        return Promise.resolve(done);
      },
    }).watches(informer);
    running.push(controller.run(stop.signal));
    await until('it runs', () => informer.readiness() === undefined);
    await make('a');
    await until('the object is known', () => informer.store.get(`${namespace}/a`) !== undefined);
    await clock.advance(299);
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(runs).toEqual([`${namespace}/a`]);
  });
});
