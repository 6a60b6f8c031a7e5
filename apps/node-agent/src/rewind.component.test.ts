import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MysqlSession } from '@pilotfish/mysql';
import { checkLeaks, eventually, toolPath } from '@pilotfish/testkit';
import type { AgentState } from './agent-state.ts';
import { binlogPaths } from './binlog/index-file.ts';
import { readTransactions } from './binlog/log-scan.ts';
import { TestPod } from './test-pod.ts';

checkLeaks({ beforeAll, afterAll });
/** For a machine with much else to do; each wait has its own, shorter deadline. */
const patienceMs = 240_000;
const longWait = { PILOTFISH_REWIND_WAIT_SECONDS: '60' };

describe('a primary that crashed while commits waited for their acknowledgement', () => {
  let pod: TestPod;
  const waiting: MysqlSession[] = [];
  let next = 1;
  beforeAll(async () => {
    pod = await TestPod.start({ ordinal: 0, env: longWait });
    await pod.bootstrap();
    await pod.sql(
      'SET GLOBAL read_only = OFF',
      'CREATE DATABASE shop',
      'CREATE TABLE shop.orders (id INT PRIMARY KEY, v VARCHAR(50))',
      "INSERT INTO shop.orders VALUES (0, 'acknowledged')",
    );
  }, patienceMs);
  afterAll(async () => {
    for (const session of waiting) session.destroy();
    await pod.close();
  }, patienceMs);

  async function executed(): Promise<{ uuid: string; gtids: string }> {
    const [row] = await pod.sql<{ uuid: string; gtids: string }>(
      "SELECT @@server_uuid AS uuid, REPLACE(@@gtid_executed, '\\n', '') AS gtids",
    );
    return row ?? { uuid: '', gtids: '' };
  }

  /** Opens it with nobody to acknowledge, and leaves these in the log, waiting. */
  async function leaveWaiting(statements: readonly string[]): Promise<void> {
    await pod.sql(
      `SET GLOBAL rpl_semi_sync_source_wait_for_replica_count = 1, GLOBAL rpl_semi_sync_source_wait_no_replica = ON,
        GLOBAL rpl_semi_sync_source_enabled = ON`,
      'SET GLOBAL read_only = OFF',
    );
    const before = await logged();
    for (const statement of statements) {
      const session = await MysqlSession.connect(pod.operator, { deadlineMs: 5000 });
      waiting.push(session);
      session.query(statement, [], { deadlineMs: 120_000 }).catch(() => undefined);
    }
    await eventually(async () => (await logged()) === before + statements.length, {
      deadlineMs: 20_000,
      describe: 'the commits to be in the log',
    });
  }

  /** Transactions in its last log. What the list of processes says of a commit that waits, it says of one that is not in the log yet, too. */
  async function logged(): Promise<number> {
    let count = 0;
    await readTransactions((await binlogPaths(pod.paths)).at(-1) ?? '', () => {
      count += 1;
    });
    return count;
  }

  async function insertWaiting(count: number): Promise<number[]> {
    const ids = Array.from({ length: count }, () => next++);
    await leaveWaiting(ids.map((id) => `INSERT INTO shop.orders VALUES (${id}, 'unacknowledged')`));
    return ids;
  }

  async function crash(): Promise<void> {
    const pid = await pod.mysqldPid();
    process.kill(pid, 'SIGKILL');
    await pod.until('its end', ({ mysqld }) => mysqld.pid !== pid);
  }

  async function awaited(): Promise<NonNullable<AgentState['mysqld']['awaitingBoundary']>> {
    const state = await pod.until('the wait', ({ mysqld }) => mysqld.awaitingBoundary !== undefined, 20_000);
    if (state.mysqld.awaitingBoundary === undefined) throw new Error('no wait');
    return state.mysqld.awaitingBoundary;
  }

  async function untilReady(): Promise<void> {
    await eventually(async () => (await pod.sql('SELECT 1')).length === 1, { deadlineMs: 60_000, describe: 'mysqld' });
  }

  async function ids(): Promise<number[]> {
    return (await pod.sql<{ id: number }>('SELECT id FROM shop.orders ORDER BY id')).map(({ id }) => id);
  }

  test(
    'is rewound: what nobody received is gone from log and tables, kept aside, and its numbers are not given again',
    async () => {
      const before = await executed();
      const rows = await ids();
      const lost = await insertWaiting(2);
      await crash();
      const { id, source } = await awaited();
      expect(source).toBe(before.uuid);
      expect((await pod.get('/readyz')).status).toBe(503);
      const answer = await pod.post('/v1/rewind', { wait: id, source, received: before.gtids });
      expect(answer.status).toBe(200);
      await untilReady();

      const after = await executed();
      expect(after.gtids).toBe(before.gtids);
      expect(after.uuid).not.toBe(before.uuid);
      expect(await ids()).toEqual(rows);
      const state = await pod.state();
      expect(state.mysqld.awaitingBoundary).toBeUndefined();
      const save = state.errantSaved.at(-1);
      expect(save?.gtids).toBe((JSON.parse(answer.body) as { gtids: string }).gtids);
      const log = (await readFile(join(save?.path ?? '', 'manifest.json'), 'utf8')).match(/mysql-bin\.\d+/)?.[0] ?? '';
      const { stdout } = await promisify(execFile)(await toolPath('mysqlbinlog'), [
        '--base64-output=decode-rows',
        '-vv',
        join(save?.path ?? '', log),
      ]);
      for (const row of lost) expect(stdout).toContain(`@1=${row} `);
    },
    patienceMs,
  );

  test(
    'keeps what another server has received',
    async () => {
      const before = await executed();
      const [first, second] = await insertWaiting(2);
      await crash();
      const { id, source } = await awaited();
      const received = `${before.gtids},${source}:1`;
      const answer = await pod.post('/v1/rewind', { wait: id, source, received });
      expect(answer).toMatchObject({ status: 200, body: expect.stringContaining(`"gtids":"${source}:2"`) });
      await untilReady();
      // Two sessions: which of them came first is not known.
      expect((await ids()).filter((row) => row === first || row === second)).toHaveLength(1);
      expect((await executed()).gtids).toContain(`${source}:1`);
    },
    patienceMs,
  );

  test(
    'starts as it is when it is told so, and refuses an order that was made for another wait',
    async () => {
      const lost = await insertWaiting(1);
      await crash();
      const { id, source } = await awaited();
      const stale = await pod.post('/v1/rewind', { wait: 'another', source, received: '' });
      expect(stale).toMatchObject({ status: 410, body: expect.stringContaining('does not wait for that') });
      expect((await pod.post('/v1/start', { wait: id })).status).toBe(200);
      await untilReady();
      expect(await ids()).toContain(lost[0]);
    },
    patienceMs,
  );

  test(
    'goes on waiting when its agent is killed, under another wait',
    async () => {
      const { gtids } = await executed();
      const lost = await insertWaiting(1);
      await crash();
      const first = await awaited();
      await pod.agent.stop({ signal: 'SIGKILL' });
      await pod.startAgent();
      const second = await awaited();
      expect(second.id).not.toBe(first.id);
      await pod.post('/v1/rewind', { wait: second.id, source: second.source, received: gtids });
      await untilReady();
      expect(await ids()).not.toContain(lost[0]);
    },
    patienceMs,
  );

  test(
    'keeps a statement that waited: its absence from the log would not undo it for sure',
    async () => {
      const { gtids } = await executed();
      await insertWaiting(1);
      await leaveWaiting(['CREATE TABLE shop.waiting (id INT PRIMARY KEY)']);
      await crash();
      await untilReady();
      expect((await executed()).gtids).not.toBe(gtids);
    },
    patienceMs,
  );

  test(
    'can begin no new log while a commit waits: what may be cut is always in the last one',
    async () => {
      await insertWaiting(1);
      const session = await MysqlSession.connect(pod.operator, { deadlineMs: 5000 });
      waiting.push(session);
      await expect(session.query('FLUSH BINARY LOGS', [], { deadlineMs: 1500 })).rejects.toThrow();
      await crash();
      const { id } = await awaited();
      await pod.post('/v1/start', { wait: id });
      await untilReady();
    },
    patienceMs,
  );

  test(
    'is not held up when it ended in order, or by an agent that is not there',
    async () => {
      await pod.sql('SET GLOBAL rpl_semi_sync_source_enabled = OFF', 'SET GLOBAL read_only = OFF');
      await pod.sql(`INSERT INTO shop.orders VALUES (${next++}, 'acknowledged')`);
      const pid = await pod.mysqldPid();
      await pod.sql('SHUTDOWN').catch(() => undefined);
      await eventually(async () => (await pod.state()).mysqld.pid !== pid, { deadlineMs: 20_000, describe: 'its end' });
      await untilReady();
      expect((await pod.state()).mysqld.awaitingBoundary).toBeUndefined();

      await pod.agent.stop({ signal: 'SIGKILL' });
      await crashWithoutAgent();
      await eventually(async () => (await ids()).length > 0, { deadlineMs: 60_000, describe: 'mysqld' });
      expect(pod.supervisor.output()).toContain('no node-agent answers');
    },
    patienceMs,
  );

  async function crashWithoutAgent(): Promise<void> {
    const pid = Number(await readFile(join(pod.paths.run, 'child.pid'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await eventually(() => pod.supervisor.output().includes('no node-agent answers'), {
      deadlineMs: 20_000,
      describe: 'the start without an agent',
    });
  }
});
