import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { configMaps } from './builtin-resources.ts';
import type { ConfigMap } from './builtin-types.ts';
import { type Clock, systemClock } from './clock.ts';
import { Informer } from './informer.ts';
import { noKubeMetrics } from './kube-metrics.ts';
import type { ReflectorTiming } from './reflector.ts';
import { configMap, FaultyApi, listOf, refusal, stream } from './testing/faulty-api.ts';
import { quietLogger } from './testing/quiet-logger.ts';

let api: FaultyApi;
let stop: AbortController;
let running: Promise<void>;
let pauses: number[];
let lists: string[];

beforeEach(async () => {
  api = await FaultyApi.start();
  stop = new AbortController();
  running = Promise.resolve();
  pauses = [];
  lists = [];
});
afterEach(async () => {
  stop.abort(new Error('test is over'));
  await running;
  await api.close();
});

/** Pauses are noted, not slept. */
const hastyClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => {
    pauses.push(Math.round(ms));
    return systemClock.sleep(1, signal);
  },
};

function start(timing: Partial<ReflectorTiming> = {}): Informer<ConfigMap> {
  const informer = new Informer({
    client: api.client,
    resource: configMaps,
    logger: quietLogger,
    metrics: { ...noKubeMetrics, listed: (_resource, reason) => void lists.push(reason) },
    clock: hastyClock,
    random: () => 0.5,
    timing,
  });
  running = informer.run(stop.signal);
  return informer;
}

const until = (what: string, condition: () => boolean) => eventually(condition, { deadlineMs: 10_000, describe: what });
const added = (name: string, version: string) => ({ type: 'ADDED', object: configMap(name, version) });
const bookmark = (version: string) => ({ type: 'BOOKMARK', object: { metadata: { resourceVersion: version } } });
const expired = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };

describe('the reflector, when the API server misbehaves,', () => {
  test('starts over when the pages of a list expire', async () => {
    api.lists.push(listOf('5', ['a'], 'token'), refusal(410, 'Expired'), listOf('6', ['b']));
    const informer = start();
    await informer.synced;
    expect(api.seen.slice(0, 3)).toEqual(['list', 'list token', 'list']);
    expect(informer.store.list().map((object) => object.metadata.name)).toEqual(['b']);
  });

  test('takes an ended watch up where it was, at once, also from a bookmark', async () => {
    api.lists.push(listOf('5'));
    api.watches.push(stream([added('a', '7')]), stream([bookmark('12')]));
    const informer = start();
    await until('the third watch', () => api.seen.length >= 4);
    expect(api.seen).toEqual(['list', 'watch 5', 'watch 7', 'watch 12']);
    expect(pauses).toEqual([]);
    expect(informer.store.size).toBe(1);
  });

  test('waits before it takes up a watch that ended at once without anything', async () => {
    api.watches.push(stream([]), stream([]));
    start();
    await until('the third watch', () => api.seen.length >= 4);
    expect(pauses).toEqual([400, 800]);
  });

  test.each([
    ['an ERROR event', stream([added('x', '7'), expired])],
    ['an answer', refusal(410, 'Gone')],
  ])('lists anew at once when %s says that the version is too old', async (_name, answer) => {
    api.lists.push(listOf('5', ['a', 'b']), listOf('20', ['b', 'c']));
    api.watches.push(answer);
    const informer = start();
    await until('the second list', () => lists.length === 2 && api.seen.at(-1) === 'watch 20');
    expect(lists).toEqual(['start', 'expired']);
    expect(informer.store.list().map((object) => object.metadata.name)).toEqual(['b', 'c']);
    expect(pauses).toEqual([]);
  });

  test('tells what a relist finds gone, new and changed', async () => {
    api.lists.push(listOf('5', ['a', 'b']), (response) => {
      const items = [configMap('b', '8'), configMap('c', '9')];
      response.end(JSON.stringify({ metadata: { resourceVersion: '20' }, items }));
    });
    api.watches.push(stream([expired]));
    const informer = start();
    const changes: string[] = [];
    informer.onChange(({ type, object }, { initial }) =>
      changes.push(`${type} ${object.metadata.name} ${String(initial)}`),
    );
    await until('the second list', () => changes.length >= 5);
    expect(changes).toEqual(['added a true', 'added b true', 'deleted a false', 'updated b false', 'added c false']);
  });

  test('waits as long as the server says', async () => {
    api.watches.push(
      refusal(429, 'TooManyRequests', { 'retry-after': '7' }),
      refusal(503, 'Down', { 'retry-after': '3' }),
    );
    start();
    await until('the third watch', () => api.seen.length >= 4);
    expect(pauses).toEqual([7_000, 3_000]);
  });

  test('retries everything else with growing pauses, up to 30 s, and does not list anew', async () => {
    for (let i = 0; i < 8; i += 1) api.watches.push(refusal(500, 'InternalError'));
    api.watches.push(stream([], 'break'), stream([added('a', '10')], 'open', '{"type":"ADD'));
    const informer = start();
    await until('the object', () => informer.store.size === 1);
    expect(pauses).toEqual([400, 800, 1600, 3200, 6400, 12800, 15000, 15000, 15000]);
    expect(lists).toEqual(['start']);
  });

  test('retries the first list until it succeeds', async () => {
    api.lists.push(refusal(500, 'InternalError'), refusal(403, 'Forbidden'), listOf('5', ['a']));
    const informer = start();
    expect(informer.readiness()).toBe('configmaps are not listed yet');
    await informer.synced;
    expect([informer.hasSynced, informer.store.size, informer.readiness()]).toEqual([true, 1, undefined]);
  });

  test('takes a line that is no JSON as a broken watch, and loses nothing before it', async () => {
    api.lists.push(listOf('5'));
    api.watches.push(stream([added('a', '7')], 'open', 'oops\n'));
    const informer = start();
    await until('the second watch', () => api.seen.includes('watch 7'));
    expect(informer.store.size).toBe(1);
  });

  test('takes a watch for dead that brings nothing after the server should have ended it', async () => {
    start({ watchSeconds: [0, 0], stallSlackMs: 50 });
    await until('the second watch', () => api.seen.length >= 3);
    expect(api.seen.slice(0, 3)).toEqual(['list', 'watch 9', 'watch 9']);
  });

  test('expects to hear from a server that sends bookmarks', async () => {
    api.lists.push(listOf('5'));
    api.watches.push(stream([bookmark('6')]));
    start({ bookmarkSilenceMs: 50 });
    await until('the third watch', () => api.seen.length >= 4);
    expect(api.seen.slice(0, 4)).toEqual(['list', 'watch 5', 'watch 6', 'watch 6']);
  });

  test('goes on when a handler throws', async () => {
    api.lists.push(listOf('5', ['a']));
    api.watches.push(stream([added('b', '7')], 'open'));
    const informer = start();
    const names: string[] = [];
    informer.onChange(() => {
      throw new Error('bad handler');
    });
    informer.onChange(({ object }) => names.push(object.metadata.name));
    await until('both objects', () => names.length === 2);
    expect(names).toEqual(['a', 'b']);
  });
});
