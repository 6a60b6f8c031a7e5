import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MysqlSession } from '@pilotfish/mysql';
import { checkLeaks, eventually, toolPath } from '@pilotfish/testkit';
import { TestApiServer } from './test-api-server.ts';
import { hardPassword, TestPod } from './test-pod.ts';

checkLeaks({ beforeAll, afterAll });
/** For a machine with much else to do; each wait has its own, shorter deadline. */
const patienceMs = 240_000;
const application = { MYSQL_USER: "o'app", MYSQL_PASSWORD: hardPassword, MYSQL_DATABASE: 'my_shop' };

describe('a blank instance', () => {
  let pod: TestPod;
  let apiServer: TestApiServer;
  beforeAll(async () => {
    apiServer = await TestApiServer.create();
    pod = await TestPod.create({ ordinal: 2, env: { ...application, ...apiServer.env } });
    // Things that a volume may hold already.
    await mkdir(join(pod.paths.data, 'lost+found'), { recursive: true });
    await mkdir(join(pod.paths.errant, 'kept'), { recursive: true });
    await Promise.all([pod.startMysqld(), pod.startAgent()]);
  }, patienceMs);
  afterAll(async () => {
    await pod.close();
    await apiServer.close();
  }, patienceMs);

  test(
    'gets its accounts without a transaction, stays closed, and is not ready',
    async () => {
      const state = await pod.untilBlank();
      expect(state.mysqld).toMatchObject({ running: true, stopped: false, blank: true, held: false });
      const [row] = await pod.sql(
        'SELECT @@gtid_executed AS gtids, @@super_read_only AS closed, @@server_id AS id, @@report_host AS host',
      );
      expect(row).toEqual({ gtids: '', closed: 1, id: 102, host: '127.0.0.1' });
      expect((await pod.get('/readyz')).status).toBe(503);
      expect((await pod.get('/livez')).status).toBe(200);
      expect((await stat(join(pod.paths.errant, 'kept'))).isDirectory()).toBe(true);
    },
    patienceMs,
  );

  test('lets a client in with client.conf, whatever the password holds', async () => {
    const args = [`--defaults-file=${join(pod.paths.conf, 'client.conf')}`, '-NBe', 'SELECT CURRENT_USER()'];
    const { stdout } = await promisify(execFile)(await toolPath('mysql'), args);
    expect(stdout.trim()).toBe('sys_operator@%');
  });

  test('answers only who shows the token', async () => {
    expect((await pod.post('/v1/bootstrap', {}, { token: 'tokem' })).status).toBe(401);
    expect((await pod.post('/v1/bootstrap', { surplus: 1 })).status).toBe(400);
    expect((await pod.get('/v1/bootstrap')).status).toBe(405);
    expect((await pod.get('/nothing')).status).toBe(404);
  });

  test('becomes the beginning of a cluster once, binlogged and still closed', async () => {
    expect(await pod.post('/v1/bootstrap', {})).toMatchObject({ status: 200, body: '{"outcome":"done"}\n' });
    expect(await pod.post('/v1/bootstrap', {})).toMatchObject({ status: 200, body: '{"outcome":"has-data"}\n' });
    const [row] = await pod.sql("SELECT @@gtid_executed <> '' AS logged, @@super_read_only AS closed");
    expect(row).toEqual({ logged: 1, closed: 1 });
    expect((await pod.get('/readyz')).status).toBe(200);
    expect((await pod.state()).mysqld.blank).toBe(false);
    const grants = await pod.sql("SHOW GRANTS FOR 'o''app'@'%'");
    expect(grants.map((grant) => Object.values(grant)[0])).toContain(
      "GRANT ALL PRIVILEGES ON `my\\_shop`.* TO `o'app`@`%`",
    );
    for (const user of ['root', "o'app"]) {
      const session = await MysqlSession.connect(pod.endpoint(user, hardPassword), { deadlineMs: 5000 });
      session.destroy();
    }
  });

  test('writes its heartbeat while it is writable and in contact, in place of those of former primaries', async () => {
    await apiServer.listen(pod.paths.data);
    await pod.sql('SET GLOBAL read_only = OFF');
    // By a clock that was an hour ahead.
    await pod.sql(
      'INSERT INTO sys_operator.heartbeat (ts, server_id) VALUES (UTC_TIMESTAMP(6) + INTERVAL 1 HOUR, 101)',
    );
    await eventually(
      async () => {
        const isFresh = 'ts BETWEEN UTC_TIMESTAMP() - INTERVAL 5 SECOND AND UTC_TIMESTAMP() + INTERVAL 1 SECOND';
        const rows = await pod.sql(`SELECT server_id, ${isFresh} AS fresh FROM sys_operator.heartbeat`);
        return isDeepStrictEqual(rows, [{ server_id: 102, fresh: 1 }]);
      },
      { deadlineMs: 10_000, describe: 'a heartbeat, and it alone' },
    );
    await pod.sql('SET GLOBAL super_read_only = ON');
  });

  test('shows its metrics', async () => {
    const { body } = await pod.get('/metrics');
    expect(body).toContain('pilotfish_agent_ready 1');
    expect(body).toMatch(/pilotfish_agent_heartbeats_total\{outcome="written"\} [1-9]/);
  });

  test('logs no password', () => {
    for (const word of ['replication-password', 'exporter-password', 'e;f g', "o'app"]) {
      expect(pod.agent.output() + pod.supervisor.output()).not.toContain(word);
    }
  });

  test(
    'keeps serving while mysqld ends in order, then ends too',
    async () => {
      pod.agent.kill('SIGTERM');
      expect((await pod.get('/prestop')).body).toContain('closed');
      pod.supervisor.kill('SIGTERM');
      expect(await pod.supervisor.exited).toEqual({ code: 0, signal: null });
      expect(await pod.agent.exited).toEqual({ code: 0, signal: null });
    },
    patienceMs,
  );
});

describe('a volume', () => {
  test(
    'whose initialisation was cut short is initialised again, and other files are left alone',
    async () => {
      const pod = await TestPod.create({ ordinal: 0 });
      try {
        await mkdir(pod.paths.own, { recursive: true });
        await mkdir(join(pod.paths.data, 'mysql'));
        await writeFile(join(pod.paths.data, 'ibdata1'), 'half');
        await writeFile(join(pod.paths.own, 'initializing'), '');
        await Promise.all([pod.startMysqld(), pod.startAgent()]);
        await pod.untilBlank();
        const markers = (await readdir(pod.paths.own)).filter((name) => name !== 'volume-probe');
        expect(markers).toEqual(['blank']);
      } finally {
        await pod.close();
      }
    },
    patienceMs,
  );

  test(
    'with somebody else’s files is refused with a reason and not touched',
    async () => {
      const pod = await TestPod.create({ ordinal: 0 });
      try {
        await writeFile(join(pod.paths.data, 'precious'), 'data');
        await Promise.all([pod.startMysqld(), pod.startAgent()]);
        const { provisioning } = await pod.until('a refusal', (state) => state.provisioning.phase === 'failed');
        expect(provisioning.detail).toContain('has files but no MySQL system tables');
        expect(await readdir(pod.paths.data)).toEqual(['precious']);
      } finally {
        await pod.close();
      }
    },
    patienceMs,
  );

  test(
    'whose mysqld does not start says so, and heals when the cause goes',
    async () => {
      const pod = await TestPod.create({ ordinal: 0, settings: ['no-such-option=1'] });
      try {
        await Promise.all([pod.startMysqld(), pod.startAgent()]);
        const { provisioning } = await pod.until('the failure', (state) => state.provisioning.phase === 'failed');
        expect(provisioning.detail).toContain('ends with code 1 soon after its start');
        const text = await readFile(pod.paths.defaultsFile, 'utf8');
        await writeFile(pod.paths.defaultsFile, text.replace('no-such-option=1', ''));
        await pod.untilBlank();
      } finally {
        await pod.close();
      }
    },
    patienceMs,
  );
});
