import { readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bus, connectBus } from '@pilotfish/bus';
import { MysqlSession } from '@pilotfish/mysql';
import { createLogger } from '@pilotfish/service';
import { checkLeaks, eventually, freePort, Mysqld, startNats } from '@pilotfish/testkit';
import { cluster, clusterList, journal, preview, run, runList } from '../http/schemas.ts';
import { readJournal } from '../replay/read-journal.ts';
import { replay } from '../replay/replay.ts';
import type { ApiClient } from '../testing/api-client.ts';
import { clusterOf, StandaloneEngine } from '../testing/standalone-engine.ts';

const path = '/api/v1/clusters/test/db';
const deadline = { deadlineMs: 5_000 };

/** Something that greets as a server of that version does, and says no more. */
async function greeter(version: string): Promise<{ readonly port: number; close(): Promise<void> }> {
  const greeting = Buffer.concat([Buffer.from([74, 0, 0, 0, 10]), Buffer.from(`${version}\0`), Buffer.alloc(60)]);
  const server = createServer((socket) => socket.on('error', () => undefined).write(greeting));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The program itself over real servers. The tests build on each other. */
describe('the API of the standalone engine', () => {
  let servers: Mysqld[];
  let engine: StandaloneEngine;
  let api: ApiClient;
  let bus: Bus;
  /** Payloads of `decision-made`, as NATS hands them out. */
  const told: string[] = [];
  const closers: (() => unknown)[] = [];

  beforeAll(async () => {
    const [stranger, ...own] = await Promise.all([1, 2, 3, 4].map((serverId) => Mysqld.start({ serverId })));
    if (!stranger) throw new Error('no servers');
    servers = own;
    const [maria, old] = await Promise.all(['5.5.5-10.11.6-MariaDB-1', '5.5.62-log'].map(greeter));
    if (!maria || !old) throw new Error('no greeters');
    closers.push(() => Promise.all([stranger, ...own, maria, old].map((server) => server.close())));
    const away = await freePort();
    const nats = await startNats();
    closers.push(() => nats.close());
    const unused = { connected: () => undefined, outbox: () => undefined };
    bus = connectBus({
      servers: [nats.url],
      name: 'test',
      metrics: { ...unused, published: () => undefined, received: () => undefined },
      logger: createLogger({ service: 'test', level: 'silent' }),
    });
    closers.push(() => bus.close());
    bus.subscribe('mysql.v1.evt.test.db.topology.decision-made', ({ data }) => void told.push(JSON.stringify(data)));
    engine = await StandaloneEngine.prepare(servers, {
      nats: nats.url,
      more: (folder) =>
        [
          clusterOf('maria', [maria]),
          clusterOf('old', [old]),
          clusterOf('away', [{ port: away }]),
          clusterOf('denied', [stranger], 'wrong'),
          'orchestrator: { RecoveryPeriodBlockSeconds: 600 }\n',
          `hooks: [{ on: before-switchover, command: [/bin/sh, -c, 'test ! -e "$0"', ${folder}/veto], veto: true }]\n`,
        ].join(''),
    });
    closers.push(() => engine.close());
    await writeFile(join(engine.folder, 'wrong'), 'not-the-password\n');
    await engine.start();
    api = await engine.api();
    await engine.settled(2);
  }, 180_000);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  checkLeaks({ beforeAll, afterAll });

  const replicasOf = (primary: string): string[] => ['db-0', 'db-1', 'db-2'].filter((name) => name !== primary);

  test('tells health to all, the rest to whoever has its token, which is printed', async () => {
    expect(await engine.get('/healthz')).toBe(200);
    expect(await engine.get('/readyz')).toBe(200);
    for (const closed of ['/metrics', path, '/api/v1/openapi.json', '/']) expect(await engine.get(closed)).toBe(401);
    const token = await engine.token();
    expect(engine.log()).toContain(`API at ${engine.url}/api/v1, token ${token}`);
    const metrics = await fetch(`${engine.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    expect(await metrics.text()).toContain('pilotfish_');
    expect(await api.get('/api/v1/clusters/test/none')).toMatchObject({
      status: 404,
      body: { reason: 'UnknownCluster' },
    });
  });

  test.each([
    ['maria', /maria-0: what answers there can't be managed: it is MariaDB .*; MySQL 8\.4 or later is managed/],
    ['old', /old-0: what answers there can't be managed: it is MySQL 5\.5\.62-log; MySQL 8\.4 or later is managed/],
    ['away', /away-0: its server does not accept connections/],
    ['denied', /denied-0: it refuses the operator's password: .*Access denied/],
  ])('says why nothing is done with %s', async (name, why) => {
    const seen = await eventually(
      async () => {
        const answer = cluster.parse((await api.get(`/api/v1/clusters/test/${name}`)).body);
        return answer.hold && why.test(answer.hold.message) ? answer : undefined;
      },
      { deadlineMs: 10_000, describe: `a hold of ${name}\n${engine.log()}` },
    );
    expect(seen).toMatchObject({ live: true, primary: '', writable: false, hold: { reason: 'AwaitingFirstInstance' } });
    expect(await api.post(`/api/v1/clusters/test/${name}/switchover`, {})).toMatchObject({
      status: 409,
      body: { reason: 'NoPrimary' },
    });
  });

  test('lists all clusters, and shows one with its evidence', async () => {
    const { items } = clusterList.parse((await api.get('/api/v1/clusters')).body);
    expect(items.map(({ name, primary }) => `${name} ${primary}`)).toEqual([
      'away ',
      'db db-0',
      'denied ',
      'maria ',
      'old ',
    ]);
    expect(cluster.parse((await api.get(path)).body)).toMatchObject({
      live: true,
      state: 'PrimaryHealthy',
      primary: 'db-0',
      instances: [{}, { evidence: { contact: 'observed', replication: { source: 'db-0', receiver: 'ON' } } }, {}],
    });
  });

  test('switches over as it was rehearsed, unless a hook says no', async () => {
    const stream = api.stream(`${path}/stream`);
    const dry = preview.parse((await api.post(`${path}/switchover`, { to: 'db-1', dryRun: true })).body);
    expect(dry.steps.find((step) => step.do === 'close-old')?.statements).toContainEqual({
      instance: 'db-0',
      via: 'sql',
      text: 'SET GLOBAL super_read_only = ON',
    });
    const order = { to: 'db-1', planId: dry.planId, epoch: dry.epoch, reason: 'a test' };
    await writeFile(join(engine.folder, 'veto'), '');
    expect(await api.post(`${path}/switchover`, order)).toMatchObject({
      status: 409,
      body: { reason: 'HookVetoed', message: expect.stringContaining('a hook vetoed the switchover: /bin/sh ended') },
    });
    await rm(join(engine.folder, 'veto'));
    const done = await api.post(`${path}/switchover`, order, { prefer: 'wait=30' });
    expect(run.parse(done.body)).toMatchObject({ state: 'succeeded', by: 'token holder', from: 'db-0', to: 'db-1' });
    expect((await engine.settled(2)).primary).toBe('db-1');
    await eventually(() => stream.text.includes('"state":"succeeded"'), { ...deadline, describe: 'it in the stream' });
    stream.close();
    const ordered = runList.parse((await api.get(`${path}/operations`)).body).items;
    expect(ordered.map(({ id, state }) => `${id} ${state}`)).toEqual([`${run.parse(done.body).id} succeeded`]);
  }, 60_000);

  test('fences without an agent: the server is closed and replicates no more; a rebuild needs one', async () => {
    const { primary } = await engine.settled(2);
    const [instance = ''] = replicasOf(primary);
    expect(await api.post(`${path}/rebuild`, { instance })).toMatchObject({ status: 409, body: { reason: 'NoAgent' } });
    const fenced = await api.post(`${path}/fence`, { instance }, { prefer: 'wait=30' });
    expect(run.parse(fenced.body)).toMatchObject({ state: 'succeeded' });
    expect(await receiverOf(instance)).toEqual([{ SERVICE_STATE: 'OFF', closed: 1 }]);
    const released = await api.post(`${path}/unfence`, { instance }, { prefer: 'wait=30' });
    expect(run.parse(released.body)).toMatchObject({ state: 'succeeded' });
    await engine.settled(2);
  }, 60_000);

  test('keeps a journal that the replay takes, and decides as it did', async () => {
    const { body } = await api.get(`${path}/journal?limit=200`);
    expect(journal.parse(body).items.map(({ decision }) => decision.plan?.kind)).toContain('bootstrap');
    const { entries } = readJournal(JSON.stringify(body));
    expect(replay(entries)).toEqual([]);
    const file = readJournal(await readFile(join(engine.folder, 'state/journal.jsonl'), 'utf8'));
    expect(file.entries.filter(({ key }) => key === 'test/db')).toHaveLength(entries.length);
    const fromNats = readJournal(told.join('\n'));
    const times = file.entries.map(({ at }) => at);
    expect(fromNats.entries.map(({ at }) => times.includes(at))).toEqual(told.map(() => true));
    expect(told.length).toBeGreaterThan(2);
    expect(replay(fromNats.entries)).toEqual([]);
  });

  test('waits for a password that can not be read, and says for which', async () => {
    const inventory = join(engine.folder, 'servers.yaml');
    const before = await readFile(inventory, 'utf8');
    const secretless = clusterOf('secretless', [{ port: await freePort() }], 'missing');
    await writeFile(inventory, before.replace('orchestrator:', `${secretless}orchestrator:`));
    await eventually(async () => (await engine.get('/readyz')) === 503, { ...deadline, describe: 'it to be noticed' });
    const { checks } = (await (await fetch(`${engine.url}/readyz`)).json()) as { checks: Record<string, string> };
    expect(checks.inventory).toMatch(/^test\/secretless: a password can not be read: .*missing/);
    expect(await api.post('/api/v1/clusters/test/secretless/pause', {})).toMatchObject({
      status: 503,
      body: { reason: 'NotReady' },
    });
    await writeFile(join(engine.folder, 'missing'), 'there it is\n');
    await eventually(async () => (await engine.get('/readyz')) === 200, { ...deadline, describe: 'it to be read' });
    await writeFile(inventory, before);
  }, 30_000);

  test.each([
    [
      'an inventory that is wrong',
      ['--inventory', 'bad.yaml'],
      /line \d+: orchestrator\.NoSuchThing: is no setting of Orch/,
    ],
    ['an inventory that is not there', ['--inventory', 'none.yaml'], /ENOENT.*none\.yaml/],
    [
      'a token that is too short',
      ['--token-file', 'short'],
      /bad token .*short: expected one word of 16 characters or/,
    ],
    ['a token that is not there', ['--token-file', 'none'], /ENOENT.*none/],
    ['no such option', ['--htpp', 'x'], /Unknown option '--htpp'/],
  ])(
    'does not start with %s',
    async (_what, [option = '', file = ''], message) => {
      const good = await readFile(join(engine.folder, 'servers.yaml'), 'utf8');
      await writeFile(
        join(engine.folder, 'bad.yaml'),
        good.replace('orchestrator: {', 'orchestrator: { NoSuchThing: 1,'),
      );
      await writeFile(join(engine.folder, 'short'), 'secret\n');
      const second = await engine.launch(option, join(engine.folder, file));
      expect(await second.exited).toMatchObject({ code: 2 });
      expect(second.output()).toMatch(message);
    },
    30_000,
  );

  async function receiverOf(name: string): Promise<object[]> {
    const server = servers[Number(name.split('-').at(-1))];
    if (!server) throw new Error(`no server ${name}`);
    const session = await MysqlSession.connect(server.root, deadline);
    try {
      const sql =
        'SELECT SERVICE_STATE, @@GLOBAL.super_read_only AS closed FROM performance_schema.replication_connection_status';
      return await session.query(sql, [], deadline);
    } finally {
      session.destroy();
    }
  }
});
