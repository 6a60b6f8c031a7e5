import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { checkLeaks, eventually } from '@pilotfish/testkit';
import { MysqlSession, openWrites, purgeBinaryLogs, rotateBinaryLog } from './index.ts';
import { closeServers, deadline, replicate, startServer, startServers, type TestServer } from './test-servers.ts';

const servers: TestServer[] = [];
let source: TestServer;
let replica: TestServer;
let bare: TestServer;

beforeAll(async () => {
  const plain = { serverId: 9, settings: { plugin_load_add: null, ...withoutSemiSyncSettings() } };
  const [pair, other] = await Promise.all([startServers(2), startServer(plain)]);
  servers.push(...pair, other);
  [source, replica, bare] = servers as [TestServer, TestServer, TestServer];
  await replicate(source, replica);
}, 120_000);
afterAll(async () => {
  await closeServers(servers);
}, 60_000);
checkLeaks({ beforeAll, afterAll });

describe('an observation', () => {
  test('of a source: identity, openness, GTIDs, semi-sync and its clients', async () => {
    await source.session.query('CREATE DATABASE observed', [], deadline);
    const seen = await source.session.observe(deadline);
    expect(seen).toMatchObject({
      serverUuid: await source.mysqld.uuid(),
      serverId: 1,
      readOnly: false,
      superReadOnly: false,
      gtidExecuted: `${await source.mysqld.uuid()}:1`,
      gtidPurged: '',
      semiSyncSource: true,
      semiSyncWaitFor: 1,
      semiSyncReplica: false,
      semiSyncClients: 1,
      semiSyncWaitSessions: 0,
      replication: null,
      heartbeatAgeMs: null,
    });
    expect(seen.version).toMatch(/^(8\.4|9)\./);
    expect(seen.uptimeSeconds).toBeGreaterThanOrEqual(0);
  });

  test('of a replica: its source, both threads, what it received and when it heard last', async () => {
    const { gtidExecuted, serverUuid } = await source.session.observe(deadline);
    const seen = await eventually(
      async () => {
        const observation = await replica.session.observe(deadline);
        return GtidSet.parse(observation.gtidExecuted).contains(GtidSet.parse(gtidExecuted)) && observation;
      },
      { deadlineMs: 20_000, describe: 'the replica to catch up' },
    );
    expect(seen).toMatchObject({
      readOnly: true,
      superReadOnly: true,
      semiSyncReplica: true,
      replication: {
        sourceHost: '127.0.0.1',
        sourcePort: source.mysqld.port,
        sourceUuid: serverUuid,
        receiver: 'ON',
        received: gtidExecuted,
        receiverError: '',
        applier: 'ON',
        applierErrno: 0,
        applierError: '',
      },
    });
    expect(seen.replication?.lastHeardMsAgo).toBeLessThan(1_500);
  });

  test('of a replica whose source hangs: still ON, but unheard of for longer and longer', async () => {
    source.mysqld.kill('SIGSTOP');
    const silence = await eventually(
      async () => {
        const { replication } = await replica.session.observe(deadline);
        return (replication?.lastHeardMsAgo ?? 0) > 1_300 && replication;
      },
      { deadlineMs: 20_000, describe: 'more than two heartbeats to be missed' },
    );
    expect(silence.receiver).toBe('ON');
    source.mysqld.kill('SIGCONT');
    await eventually(
      async () => ((await replica.session.observe(deadline)).replication?.lastHeardMsAgo ?? Infinity) < 600,
      { deadlineMs: 20_000, describe: 'the source to be heard again' },
    );
  });

  test('of a replica whose applier fails: the number and text of its error', async () => {
    await replica.session.query('SET GLOBAL super_read_only = OFF', [], deadline);
    await replica.session.query('SET sql_log_bin = 0', [], deadline);
    await replica.session.query('CREATE DATABASE clash', [], deadline);
    await replica.session.query('SET sql_log_bin = 1', [], deadline);
    await source.session.query('CREATE DATABASE clash', [], deadline);
    const failed = await eventually(
      async () => {
        const { replication } = await replica.session.observe(deadline);
        return replication?.applier === 'OFF' && replication;
      },
      { deadlineMs: 20_000, describe: 'the applier to fail' },
    );
    expect(failed).toMatchObject({ receiver: 'ON', applierErrno: 1007 });
    expect(failed.applierError).toContain('clash');
    await replica.session.query('DROP DATABASE clash', [], deadline);
    await replica.session.query('START REPLICA SQL_THREAD', [], deadline);
    await replica.session.query('SET GLOBAL super_read_only = ON', [], deadline);
  });

  test('of a replica that may not log in: CONNECTING, with the reason', async () => {
    await replica.session.query('STOP REPLICA', [], deadline);
    await replica.session.query("CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = 'wrong'", [], deadline);
    await replica.session.query('START REPLICA', [], deadline);
    const refused = await eventually(
      async () => {
        const { replication } = await replica.session.observe(deadline);
        return replication?.receiver === 'CONNECTING' && replication.receiverError !== '' && replication;
      },
      { deadlineMs: 10_000, describe: 'the receiver to be refused' },
    );
    expect(refused.receiverError).toMatch(/Access denied/);
    await replica.session.query('STOP REPLICA', [], deadline);
    const { password } = source.mysqld.replication;
    await replica.session.query('CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = ?', [password], deadline);
    await replica.session.query('START REPLICA', [], deadline);
  }, 20_000);

  test('of a server without semi-sync plugins and without the heartbeat table', async () => {
    expect(await bare.session.observe(deadline)).toMatchObject({
      semiSyncSource: false,
      semiSyncWaitFor: 0,
      semiSyncReplica: false,
      semiSyncClients: 0,
      replication: null,
      heartbeatAgeMs: null,
    });
  });

  test('reads the age of the newest heartbeat once the table is there, by the clock of the server', async () => {
    await openWrites(bare.session, deadline);
    await bare.session.query('CREATE DATABASE sys_operator', [], deadline);
    await bare.session.query(
      'CREATE TABLE sys_operator.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED NOT NULL PRIMARY KEY)',
      [],
      deadline,
    );
    // A new session, which has not yet learned that the table is missing.
    const session = await MysqlSession.connect(bare.mysqld.root, deadline);
    expect((await session.observe(deadline)).heartbeatAgeMs).toBeNull();
    await session.query(
      'INSERT INTO sys_operator.heartbeat VALUES (UTC_TIMESTAMP(6) - INTERVAL 3 SECOND, 1)',
      [],
      deadline,
    );
    await session.query(
      'INSERT INTO sys_operator.heartbeat VALUES (UTC_TIMESTAMP(6) - INTERVAL 9 SECOND, 2)',
      [],
      deadline,
    );
    const { heartbeatAgeMs } = await session.observe(deadline);
    expect(heartbeatAgeMs).toBeGreaterThanOrEqual(3_000);
    expect(heartbeatAgeMs).toBeLessThan(4_000);
    session.destroy();
  });

  test('is one statement also where the table is missing, and finds it once it is there', async () => {
    const session = await MysqlSession.connect(source.mysqld.root, deadline);
    const selects = async (): Promise<number> => {
      const [row] = await session.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Com_select'", [], deadline);
      return Number(row?.Value);
    };
    // The first one learns it.
    expect((await session.observe(deadline)).heartbeatAgeMs).toBeNull();
    const before = await selects();
    await source.session.query('CREATE DATABASE sys_operator', [], deadline);
    await source.session.query(
      "CREATE TABLE sys_operator.heartbeat (server_id INT PRIMARY KEY, ts VARCHAR(26)) AS SELECT 1 AS server_id, '2020-01-01T00:00:00.000000' AS ts",
      [],
      deadline,
    );
    let observations = 0;
    await eventually(
      async () => {
        observations += 1;
        return (await session.observe(deadline)).heartbeatAgeMs !== null;
      },
      { deadlineMs: 15_000, describe: 'the heartbeat to be read', intervalMs: 100 },
    );
    expect((await selects()) - before).toBe(observations);
    session.destroy();
  }, 30_000);

  test('says what was purged', async () => {
    await rotateBinaryLog(bare.session, deadline);
    await purgeBinaryLogs(bare.session, 'mysql-bin.000002', deadline);
    const { gtidPurged, gtidExecuted } = await bare.session.observe(deadline);
    expect(GtidSet.parse(gtidPurged).isEmpty()).toBe(false);
    expect(GtidSet.parse(gtidExecuted).contains(GtidSet.parse(gtidPurged))).toBe(true);
  });
});

function withoutSemiSyncSettings(): Record<string, null> {
  const names = ['source_enabled', 'replica_enabled', 'source_wait_point', 'source_timeout', 'source_wait_no_replica'];
  return Object.fromEntries(names.map((name) => [`rpl_semi_sync_${name}`, null]));
}
