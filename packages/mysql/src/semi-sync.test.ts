import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { checkLeaks, eventually } from '@pilotfish/testkit';
import {
  disableSemiSyncSource,
  enableSemiSyncSource,
  loggedGtids,
  MysqlSession,
  openWrites,
  probe,
  retireSemiSyncSource,
  setSemiSyncWaitFor,
  setSuperReadOnly,
  startReceiver,
  stopReceiver,
} from './index.ts';
import { closeServers, deadline, replicate, startServers, type TestServer } from './test-servers.ts';

const servers: TestServer[] = [];
let source: TestServer;
let first: TestServer;
let second: TestServer;

beforeAll(async () => {
  servers.push(...(await startServers(3)));
  [source, first, second] = servers as [TestServer, TestServer, TestServer];
  await replicate(source, first, second);
  await bothAreClients();
}, 120_000);
afterAll(async () => {
  await closeServers(servers);
}, 60_000);
checkLeaks({ beforeAll, afterAll });

async function bothAreClients(): Promise<void> {
  await eventually(async () => (await source.session.observe(deadline)).semiSyncClients === 2, {
    deadlineMs: 20_000,
    describe: 'both replicas to be semi-sync clients',
  });
}

test('a commit waits for k acknowledgements, and setSemiSyncWaitFor releases one that waits already', async () => {
  const writer = await MysqlSession.connect(source.mysqld.root, deadline);
  await setSemiSyncWaitFor(source.session, 2, deadline);
  await stopReceiver(second.session, deadline);
  const commit = writer.query('CREATE DATABASE waits', [], { deadlineMs: 30_000 });
  await eventually(async () => (await source.session.observe(deadline)).semiSyncWaitSessions === 1, {
    deadlineMs: 20_000,
    describe: 'the commit to wait',
  });
  const { executed, waiting } = await loggedGtids(source.session, deadline);
  expect(GtidSet.parse(waiting).count()).toBe(1n);
  expect(GtidSet.parse(executed).contains(GtidSet.parse(waiting))).toBe(false);
  await setSemiSyncWaitFor(source.session, 1, deadline);
  await commit;
  const after = await loggedGtids(source.session, deadline);
  expect(after.waiting).toBe('');
  expect(GtidSet.parse(after.executed).contains(GtidSet.parse(waiting))).toBe(true);
  await startReceiver(second.session, deadline);
  writer.destroy();
}, 60_000);

test('a retired source waits for nobody, also while its replicas are connected and hang, until it is a source again', async () => {
  const hang = (signal: NodeJS.Signals): void => {
    for (const { mysqld } of [first, second]) mysqld.kill(signal);
  };
  const commit = (sql: string, deadlineMs: number): Promise<unknown> => source.session.query(sql, [], { deadlineMs });
  await bothAreClients();
  hang('SIGSTOP');
  try {
    await retireSemiSyncSource(source.session, deadline);
    expect(await source.session.observe(deadline)).toMatchObject({ semiSyncSource: false, semiSyncClients: 2 });
    await commit('CREATE DATABASE retired', 10_000);
    await enableSemiSyncSource(source.session, 1, deadline);
    expect((await source.session.observe(deadline)).semiSyncSource).toBe(true);
  } finally {
    hang('SIGCONT');
  }
  await commit('DROP DATABASE retired', 10_000);
}, 60_000);

test.each([
  ['a time-out', 'rpl_semi_sync_source_timeout = 1000'],
  ['no wait without replicas', 'rpl_semi_sync_source_wait_no_replica = OFF'],
  ['a wait after the commit', "rpl_semi_sync_source_wait_point = 'AFTER_COMMIT'"],
])('a source that somebody has given %s is none: its commits may not be waited for', async (_, setting) => {
  await source.session.query(`SET GLOBAL ${setting}`, [], deadline);
  expect((await source.session.observe(deadline)).semiSyncSource).toBe(false);
  await enableSemiSyncSource(source.session, 1, deadline);
  expect((await source.session.observe(deadline)).semiSyncSource).toBe(true);
});

test('with every receiver stopped nothing is acknowledged, super_read_only runs into its deadline, and turning the source off releases both', async () => {
  const writer = await MysqlSession.connect(source.mysqld.root, deadline);
  const closer = await MysqlSession.connect(source.mysqld.root, deadline);
  await Promise.all([stopReceiver(first.session, deadline), stopReceiver(second.session, deadline)]);
  const commit = writer.query('CREATE DATABASE stranded', [], { deadlineMs: 30_000 });
  await eventually(async () => (await source.session.observe(deadline)).semiSyncWaitSessions === 1, {
    deadlineMs: 20_000,
    describe: 'the commit to wait',
  });
  await expect(setSuperReadOnly(closer, { deadlineMs: 300 })).rejects.toMatchObject({ kind: 'Timeout' });
  // Without a short deadline the server gives up by itself, and nothing is left that could close it later.
  await expect(setSuperReadOnly(source.session, deadline)).rejects.toMatchObject({ kind: 'Timeout', errno: 1205 });
  expect(await source.session.observe(deadline)).toMatchObject({ semiSyncWaitSessions: 1, superReadOnly: false });

  await disableSemiSyncSource(source.session, deadline);
  await commit;
  await eventually(async () => (await source.session.observe(deadline)).semiSyncWaitSessions === 0, {
    deadlineMs: 20_000,
    describe: 'nobody to wait',
  });
  await setSuperReadOnly(source.session, deadline);
  expect(await source.session.observe(deadline)).toMatchObject({ superReadOnly: true, semiSyncSource: false });
  await openWrites(source.session, deadline);
  await Promise.all([startReceiver(first.session, deadline), startReceiver(second.session, deadline)]);
  writer.destroy();
}, 60_000);

test('an account statement that waits lets nobody log in, while a session that is there already goes on', async () => {
  await enableSemiSyncSource(source.session, 1, deadline);
  const writer = await MysqlSession.connect(source.mysqld.root, deadline);
  await Promise.all([stopReceiver(first.session, deadline), stopReceiver(second.session, deadline)]);
  const statement = writer.query("CREATE USER stranded@'%' IDENTIFIED BY 'x'", [], { deadlineMs: 30_000 });
  await eventually(async () => (await source.session.observe(deadline)).semiSyncWaitSessions === 1, {
    deadlineMs: 20_000,
    describe: 'the statement to wait',
  });
  await expect(probe(source.mysqld.root, { deadlineMs: 500 })).rejects.toMatchObject({ kind: 'Timeout' });
  await disableSemiSyncSource(source.session, deadline);
  await statement;
  await probe(source.mysqld.root, deadline);
  writer.destroy();
}, 60_000);
