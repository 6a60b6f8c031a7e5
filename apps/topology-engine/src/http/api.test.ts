import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createLogger, systemClock } from '@pilotfish/service';
import { eventually } from '@pilotfish/testkit';
import { readJournal } from '../replay/read-journal.ts';
import { replay } from '../replay/replay.ts';
import { ApiClient, listen } from '../testing/api-client.ts';
import { PaperCluster } from '../testing/paper-cluster.ts';
import { type Api, type ApiOptions, createApi } from './api.ts';
import type { Authenticator } from './authenticator.ts';
import type { Engine, Location } from './engine.ts';
import { forwardedHeader } from './forward.ts';
import { cluster, clusterList, journal, preview, run, runList } from './schemas.ts';

const key = 'test/db';
const path = `/api/v1/clusters/${key}`;
const [zero, one, two] = ['db-mysql-0', 'db-mysql-1', 'db-mysql-2'] as const;

jest.setTimeout(30_000);

/** Fake: `ada` may everything, `bob` may look, `away` can't be told. */
const authenticator: Authenticator = {
  identify: (token) => {
    if (token === 'away') return Promise.reject(new Error('no answer'));
    const may = (verb: string) => Promise.resolve(token !== 'bob' || ['get', 'list', 'watch'].includes(verb));
    return Promise.resolve(['ada', 'bob', 'eve', 'mallory'].includes(token) ? { name: token, may } : undefined);
  },
};

/** A cluster without servers behind a real HTTP server, and a second engine that has to pass requests on. The tests build on each other. */
describe('the API', () => {
  let paper: PaperCluster;
  let api: Api;
  let owner: { port: number };
  let ada: ApiClient;
  let elsewhere: ApiClient;
  let ownerPort = 0;
  const closers: (() => unknown)[] = [];

  const logger = createLogger({ service: 'test', level: 'fatal' });

  async function serve(name: string, location: () => Location, options: Partial<ApiOptions> = {}) {
    const engine: Engine = {
      name,
      keys: () => [key, 'test/other', 'other/db'],
      cluster: (wanted) => (wanted === 'test/gone' ? undefined : paper.cluster),
      locate: (wanted) => (wanted === key ? location() : { kind: 'nobody', why: 'it is new' }),
    };
    const made = createApi({ engine, authenticator, clock: systemClock, logger, ...options });
    const server = await listen(made.app);
    closers.push(() => server.close());
    return { api: made, port: server.port };
  }

  beforeAll(async () => {
    paper = await PaperCluster.start();
    const here = await serve('engine-0', () => ({ kind: 'here', control: paper }), {
      streamLimits: { heartbeatMs: 100, mostStreams: 2, mostBufferedBytes: 64 * 1024 },
    });
    api = here.api;
    owner = here;
    ownerPort = here.port;
    ada = new ApiClient(here.port, 'ada');
    const other = await serve('engine-1', () => ({
      kind: 'elsewhere',
      engine: 'engine-0',
      host: '127.0.0.1',
      port: ownerPort,
    }));
    elsewhere = new ApiClient(other.port, 'ada');
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  describe('lets in', () => {
    test('nobody without a good token, but for health', async () => {
      expect(await new ApiClient(owner.port).get('/healthz')).toMatchObject({ status: 200, body: { ok: true } });
      for (const wrong of [path, '/api/v1/clusters', '/api/v1/openapi.json', '/nonsense']) {
        const refused = { status: 401, body: { reason: 'Unauthenticated' } };
        expect(await new ApiClient(owner.port).get(wrong)).toMatchObject(refused);
        expect(await new ApiClient(owner.port, 'stranger').get(wrong)).toMatchObject(refused);
      }
    });

    test('each only to what they may, even where there is no such cluster', async () => {
      const bob = new ApiClient(owner.port, 'bob');
      expect(await bob.get(path)).toMatchObject({ status: 200 });
      expect(await bob.post(`${path}/switchover`, {})).toMatchObject({
        status: 403,
        body: { reason: 'Forbidden', message: `bob may not switchover MysqlCluster ${key}` },
      });
      expect(await bob.post('/api/v1/clusters/test/gone/pause', {})).toMatchObject({ status: 403 });
    });

    test('nobody to the metrics without a token, where they are served here; health to all', async () => {
      const ops: RequestListener = (request, response) => void response.end(JSON.stringify(request.url));
      const { port } = await serve('engine-4', () => ({ kind: 'here', control: paper }), { ops });
      const stranger = new ApiClient(port);
      expect(await stranger.get('/healthz')).toMatchObject({ status: 200, body: '/healthz' });
      expect(await stranger.get('/readyz')).toMatchObject({ status: 200, body: '/readyz' });
      expect(await stranger.get('/metrics')).toMatchObject({ status: 401, body: { reason: 'Unauthenticated' } });
      expect(await new ApiClient(port, 'ada').get('/metrics')).toMatchObject({ status: 200, body: '/metrics' });
      expect(await ada.get('/metrics')).toMatchObject({ status: 404 });
    });

    test('nobody while it can not be told who they are', async () => {
      expect(await new ApiClient(owner.port, 'away').get(path)).toMatchObject({
        status: 503,
        body: { reason: 'AuthorityUnreachable' },
      });
    });

    test('nobody too often', async () => {
      const { port } = await serve('engine-2', () => ({ kind: 'here', control: paper }), {
        rateLimits: { reads: 2, orders: 1, strangers: 2 },
      });
      const statuses = async (client: ApiClient, count: number): Promise<number[]> => {
        const all: number[] = [];
        for (let index = 0; index < count; index += 1) all.push((await client.get(path)).status);
        return all;
      };
      expect(await statuses(new ApiClient(port, 'eve'), 3)).toEqual([200, 200, 429]);
      expect(await statuses(new ApiClient(port, 'mallory'), 2)).toEqual([200, 200]);
      expect(await statuses(new ApiClient(port, 'stranger'), 3)).toEqual([401, 401, 429]);
    });
  });

  describe('refuses', () => {
    test.each<[string, string, unknown, Record<string, string>, number, string, RegExp]>([
      [
        'an unknown cluster',
        '/api/v1/clusters/test/gone/pause',
        {},
        {},
        404,
        'UnknownCluster',
        /no cluster test\/gone/,
      ],
      ['a cluster that nobody looks after', '/api/v1/clusters/test/other/pause', {}, {}, 503, 'NotReady', /it is new/],
      ['an unknown operation', `${path}/explode`, {}, {}, 404, 'UnknownPath', /no POST/],
      ['what is no JSON', `${path}/pause`, '{"seconds":', {}, 400, 'MalformedBody', /JSON/],
      ['JSON that is no object', `${path}/pause`, '[1]', {}, 400, 'MalformedBody', /expected object/],
      [
        'another kind of body',
        `${path}/pause`,
        'seconds=1',
        { 'content-type': 'text/plain' },
        415,
        'UnsupportedMediaType',
        /JSON|json/,
      ],
      [
        'a body that is too large',
        `${path}/pause`,
        { reason: 'x'.repeat(20_000) },
        {},
        413,
        'BodyTooLarge',
        /too large/,
      ],
      ['an unknown field', `${path}/pause`, { sekonds: 1 }, {}, 400, 'MalformedBody', /sekonds/],
      [
        'a value out of bounds',
        `${path}/downtime`,
        { instance: one, seconds: -1 },
        {},
        400,
        'MalformedBody',
        /seconds/,
      ],
      [
        'an instance that is not there',
        `${path}/fence`,
        { instance: 'x' },
        {},
        404,
        'UnknownInstance',
        /there are db-mysql-0/,
      ],
      ['a stale epoch', `${path}/switchover`, { epoch: 77 }, {}, 409, 'StalePlan', /epoch 77 has ended/],
      ['a stale plan', `${path}/switchover`, { planId: 'abc' }, {}, 409, 'StalePlan', /another one by now/],
      ['a target that is the primary', `${path}/switchover`, { to: zero }, {}, 409, 'AlreadyPrimary', /is the primary/],
      [
        'an empty idempotency key',
        `${path}/refresh`,
        {},
        { 'idempotency-key': 'x'.repeat(300) },
        400,
        'BadRequest',
        /255/,
      ],
    ])('%s', async (_what, url, body, headers, status, reason, message) => {
      expect(await ada.post(url, body, headers)).toMatchObject({
        status,
        body: { reason, message: expect.stringMatching(message) },
      });
    });

    test('a target that must not be promoted', async () => {
      await paper.order({ instances: [{ name: two, promotionRule: 'mustNot' }] });
      expect(await ada.post(`${path}/switchover`, { to: two, dryRun: true })).toMatchObject({
        status: 409,
        body: { reason: 'PromotionForbidden', message: `${two} must not be promoted` },
      });
      await paper.order({ instances: [{ name: two, promotionRule: null }] });
    });

    test.each(['limit=0', 'limit=1000', 'limit=x', 'since=yesterday'])('the query %s of a journal', async (query) => {
      expect(await ada.get(`${path}/journal?${query}`)).toMatchObject({
        status: 400,
        body: { reason: 'MalformedQuery' },
      });
    });

    test.each(['limit=0', 'limit=1000', 'limit=x', 'nonsense=1'])('the query %s', async (query) => {
      expect(await ada.get(`/api/v1/clusters?${query}`)).toMatchObject({
        status: 400,
        body: { reason: 'MalformedQuery' },
      });
    });
  });

  describe('reads', () => {
    test('clusters page by page', async () => {
      const first = await ada.get('/api/v1/clusters?limit=2');
      expect(clusterList.parse(first.body)).toMatchObject({ items: [{}, { primary: zero }], continue: key });
      const rest = await ada.get(`/api/v1/clusters?limit=2&continue=${encodeURIComponent(key)}`);
      expect(clusterList.parse(rest.body)).toEqual({ items: [expect.objectContaining({ epoch: 1 })] });
      const again = await ada.get('/api/v1/clusters?limit=2', { 'if-none-match': String(first.headers.etag) });
      expect(again.status).toBe(304);
      const ofOther = await ada.get('/api/v1/clusters?namespace=other');
      expect(clusterList.parse(ofOther.body).items).toHaveLength(1);
    });

    test.each([
      ['from its own engine', () => ada],
      ['by way of another one', () => elsewhere],
    ])('a cluster with its evidence, %s', async (_how, client) => {
      const { status, body } = await client().get(path);
      expect(status).toBe(200);
      expect(cluster.parse(body)).toMatchObject({
        live: true,
        engine: 'engine-0',
        state: 'PrimaryHealthy',
        primary: zero,
        instances: [
          { name: zero, state: 'Primary', evidence: { contact: 'observed', semiSyncSource: true, agent: 'ready' } },
          { name: one, evidence: { replication: { source: zero, receiver: 'ON' } } },
          { name: two },
        ],
      });
    });

    test('what was recorded last, when its engine can not be asked; what only that one knows is refused', async () => {
      const lost = { kind: 'elsewhere', engine: 'engine-9', host: '127.0.0.1', port: 1 } as const;
      const { port } = await serve('engine-3', () => lost);
      const client = new ApiClient(port, 'ada');
      expect(cluster.parse((await client.get(path)).body)).toMatchObject({
        live: false,
        engine: 'engine-9',
        primary: zero,
      });
      expect(await client.post(`${path}/refresh`, {})).toMatchObject({
        status: 502,
        body: { reason: 'OwnerUnreachable' },
      });
    });

    test('two engines that take each other for the owner do not pass a request on for ever', async () => {
      expect(await elsewhere.post(`${path}/refresh`, {}, { [forwardedHeader]: 'engine-0' })).toMatchObject({
        status: 503,
        body: { reason: 'NotReady', message: expect.stringContaining('engine-0 looks after it') },
      });
    });

    test('the journal, as much of it as is asked for, and as the replay takes it', async () => {
      const all = await elsewhere.get(`${path}/journal`);
      expect(journal.parse(all.body).items).toHaveLength(3);
      const { entries } = readJournal(JSON.stringify(all.body));
      expect(entries.map(({ decision }) => decision.state)).toEqual(Array(3).fill('PrimaryHealthy'));
      expect(replay(entries)).toEqual([]);
      const times = async (query: string) =>
        journal.parse((await ada.get(`${path}/journal?${query}`)).body).items.map(({ at }) => at.slice(17, 19));
      expect(await times('limit=1')).toEqual(['02']);
      expect(await times('since=2026-01-01T00:00:01Z')).toEqual(['01', '02']);
      expect(await times(`since=${encodeURIComponent('2026-01-01T01:00:02+01:00')}`)).toEqual(['02']);
      expect(JSON.stringify(all.body)).not.toContain(PaperCluster.secret);
    });

    test('its own description', async () => {
      expect(await ada.get('/api/v1/openapi.json')).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
    });
  });

  describe('carries out', () => {
    test('a switchover: looked at, ordered once, watched, refused to a second one', async () => {
      const dry = preview.parse((await elsewhere.post(`${path}/switchover`, { to: one, dryRun: true })).body);
      expect(dry.steps.find((step) => step.do === 'close-old')?.statements).toContainEqual({
        instance: zero,
        via: 'sql',
        text: 'SET GLOBAL super_read_only = ON',
      });
      expect(JSON.stringify(dry)).not.toContain(PaperCluster.secret);
      expect(paper.topology.primary).toBe(zero);

      const watching = ada.stream(`${path}/stream`);
      await eventually(() => watching.text.includes('event: cluster'), { deadlineMs: 20_000, describe: 'the stream' });
      const body = { to: one, planId: dry.planId, epoch: dry.epoch, reason: 'a test' };
      const once = { 'idempotency-key': 'k1' };
      const begun = await elsewhere.post(`${path}/switchover`, body, once);
      expect(begun).toMatchObject({ status: 202, body: { state: 'running', by: 'ada', operation: 'switchover' } });
      expect(await ada.post(`${path}/failover`, {})).toMatchObject({
        status: 409,
        body: { reason: 'OperationInProgress' },
      });
      const waiting = ada.post(`${path}/switchover`, body, { ...once, prefer: 'wait=20' });
      await paper.finish();
      const repeated = await waiting;
      expect(repeated).toMatchObject({ status: 200, headers: { 'idempotency-replayed': 'true' } });
      const ended = run.parse(repeated.body);
      expect(ended).toMatchObject({ id: run.parse(begun.body).id, state: 'succeeded', to: one });
      expect(ended.steps.every(({ state }) => state === 'done')).toBe(true);
      expect(await ada.post(`${path}/switchover`, { to: two }, once)).toMatchObject({
        status: 422,
        body: { reason: 'IdempotencyKeyReused' },
      });
      expect(await ada.get(String(begun.headers.location))).toMatchObject({ status: 200, body: { id: ended.id } });
      await eventually(() => watching.text.includes('"state":"succeeded"'), {
        deadlineMs: 20_000,
        describe: 'its end',
      });
      watching.close();
    });

    test('and tells afterwards who ordered what, and what it did by itself', async () => {
      const ordered = runList.parse((await ada.get(`${path}/operations?limit=100`)).body).items;
      expect(ordered.map(({ operation }) => operation)).toContain('switchover');
      expect(ordered.every(({ by }) => by === 'ada')).toBe(true);
      expect(runList.parse((await ada.get(`${path}/recoveries`)).body).items).toEqual([]);
      expect(await ada.get(`${path}/operations/none`)).toMatchObject({ status: 404, body: { reason: 'UnknownRun' } });
      expect(paper.events).toContainEqual({
        name: 'operation-requested',
        data: expect.objectContaining({ operation: 'switchover', by: 'ada', reason: 'a test' }),
      });
    });
  });

  describe('streams', () => {
    const ids = (text: string): string[] => [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? '');

    test('what happens, what was missed, and a heartbeat', async () => {
      const first = ada.stream(`${path}/stream`);
      await eventually(() => first.text.includes('event: cluster'), { deadlineMs: 20_000, describe: 'the cluster' });
      await eventually(() => first.text.includes('\n: \n'), { deadlineMs: 20_000, describe: 'a heartbeat' });
      const seen = ids(first.text).at(-1) ?? '';
      first.close();
      await ada.post(`${path}/refresh`, {});
      await paper.finish();
      const second = elsewhere.stream(`${path}/stream`, { 'last-event-id': seen });
      await eventually(() => second.text.includes('"state":"succeeded"'), {
        deadlineMs: 20_000,
        describe: 'what was missed',
      });
      expect(ids(second.text)).not.toContain(seen);
      expect(second.text).toContain('"operation":"refresh"');
      second.close();
    });

    test('not to those who do not read', async () => {
      const deaf = [ada.deafStream(`${path}/stream`), ada.deafStream(`${path}/stream`)];
      await eventually(() => deaf.every(({ isOpen }) => isOpen), { deadlineMs: 20_000, describe: 'two streams' });
      expect(await ada.get(`${path}/stream`)).toMatchObject({ status: 503 });
      const reason = 'x'.repeat(20_000);
      for (let count = 0; count < 400; count += 1) {
        await paper.order({ paused: { by: String(count), reason } });
        if (count % 20 === 0) await new Promise(setImmediate);
      }
      await paper.order({ paused: null });
      const reader = ada.stream(`${path}/stream`);
      await eventually(() => reader.text.includes('event: cluster'), { deadlineMs: 20_000, describe: 'a place' });
      reader.close();
      for (const { close } of deaf) close();
    });

    test('not to more than it can bear, and until it ends', async () => {
      const open = [ada.stream(`${path}/stream`), ada.stream(`${path}/stream`)];
      await eventually(() => open.every(({ text }) => text !== ''), { deadlineMs: 20_000, describe: 'two streams' });
      expect(await ada.get(`${path}/stream`)).toMatchObject({ status: 503, body: { reason: 'TooManyStreams' } });
      api.close();
      await eventually(() => open.every(({ ended }) => ended), { deadlineMs: 20_000, describe: 'their end' });
    });
  });
});
