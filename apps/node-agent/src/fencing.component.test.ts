import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MysqlSession } from '@pilotfish/mysql';
import { checkLeaks, eventually } from '@pilotfish/testkit';
import type { AgentState } from './agent-state.ts';
import { TestPod } from './test-pod.ts';

checkLeaks({ beforeAll, afterAll });
/** For a machine with much else to do; each wait has its own, shorter deadline. */
const patienceMs = 240_000;

describe('an instance with data', () => {
  let pod: TestPod;
  beforeAll(async () => {
    pod = await TestPod.start({ ordinal: 0 });
    await pod.bootstrap();
  }, patienceMs);
  afterAll(async () => await pod.close(), patienceMs);

  async function open(): Promise<number> {
    await pod.sql('SET GLOBAL read_only = OFF');
    return await pod.mysqldPid();
  }

  /** Ready again with another mysqld, which is closed. */
  async function untilBack(oldPid: number): Promise<void> {
    await eventually(async () => (await pod.mysqldPid()) !== oldPid && (await pod.get('/readyz')).status === 200, {
      deadlineMs: 30_000,
      describe: 'mysqld to be back',
    });
    expect(await pod.sql('SELECT @@super_read_only AS closed')).toEqual([{ closed: 1 }]);
  }

  test(
    'that was killed is back and closed, without an agent too',
    async () => {
      const pid = await open();
      await pod.agent.stop({ signal: 'SIGKILL' });
      process.kill(pid, 'SIGKILL');
      await pod.startAgent();
      await untilBack(pid);
      expect((await pod.state()).mysqld.lastExit).toMatchObject({ code: null, signal: 9 });
    },
    patienceMs,
  );

  test(
    'that hangs is killed by a fence and comes back closed',
    async () => {
      const pid = await open();
      process.kill(pid, 'SIGSTOP');
      await pod.until('the stop to show', ({ mysqld }) => mysqld.stopped);
      expect((await pod.get('/livez')).status).toBe(200);
      expect(await pod.post('/v1/fence', { reason: 'hung', hold: false })).toEqual({
        status: 200,
        body: `{"killedPid":${pid}}\n`,
      });
      expect((await pod.state()).mysqld.pid).not.toBe(pid);
      await untilBack(pid);
    },
    patienceMs,
  );

  test(
    'is not killed by an engine that another one has followed as the owner of the cluster',
    async () => {
      const pid = await open();
      expect((await pod.post('/v1/unfence', {}, { term: 7 })).status).toBe(200);
      const late = await pod.post('/v1/fence', { reason: 'late', hold: true }, { term: 6 });
      expect(late).toEqual({
        status: 412,
        body: '{"error":"an engine of term 7 owns the cluster now, and this order is of term 6"}\n',
      });
      expect((await pod.state()).mysqld).toMatchObject({ pid, held: false });
      expect((await pod.post('/v1/fence', { reason: 'none', hold: false }, { term: 0 })).status).toBe(400);
    },
    patienceMs,
  );

  test(
    'is told to those who watch: that it hangs, and that it has ended',
    async () => {
      const pid = await open();
      const watch = async (since: string) =>
        JSON.parse((await pod.get(`/v1/watch?since=${since}`)).body) as { version: string; state: AgentState };
      const first = await watch('');
      expect(first.state.mysqld).toMatchObject({ running: true, pid, hungMs: 0 });
      process.kill(pid, 'SIGSTOP');
      let report = first;
      await eventually(
        async () => {
          report = await watch(report.version);
          return report.state.mysqld.hungMs >= 1_000;
        },
        { deadlineMs: 20_000, describe: 'the hang to be told' },
      );
      const beganMs = performance.now();
      process.kill(pid, 'SIGKILL');
      await eventually(
        async () => {
          report = await watch(report.version);
          return report.state.mysqld.pid !== pid;
        },
        { deadlineMs: 20_000, describe: 'its end to be told' },
      );
      process.stderr.write(`the end of mysqld was told after ${(performance.now() - beganMs).toFixed(0)} ms\n`);
      await untilBack(pid);
    },
    patienceMs,
  );

  test(
    'stays down while it is held',
    async () => {
      const pid = await open();
      await pod.post('/v1/fence', { reason: 'test', hold: true });
      await eventually(() => pod.supervisor.output().includes('held'), {
        deadlineMs: 20_000,
        describe: 'the hold to be seen',
      });
      expect((await pod.state()).mysqld).toMatchObject({ running: false, held: true });
      expect((await pod.get('/readyz')).status).toBe(503);
      await pod.post('/v1/unfence', {});
      await untilBack(pid);
      expect((await pod.state()).mysqld.held).toBe(false);
    },
    patienceMs,
  );

  test('without a replica may stop at once', async () => {
    await open();
    expect(JSON.parse((await pod.get('/prestop')).body)).toEqual({ verdict: 'no-replica' });
  });
});

describe('a writable instance with a replica', () => {
  let primary: TestPod;
  let replica: TestPod;
  beforeAll(async () => {
    // A replica of which only mysqld matters; it gets the binary log from its beginning.
    [primary, replica] = await Promise.all([TestPod.start({ ordinal: 0 }), TestPod.start({ ordinal: 1 })]);
    await Promise.all([primary.bootstrap(), replica.untilBlank()]);
    await replica.sql(
      `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = ${primary.port}, SOURCE_USER = 'sys_replication',
        SOURCE_PASSWORD = 'replication-password', SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 1`,
      'START REPLICA',
    );
    await primary.sql('SET GLOBAL read_only = OFF');
    await eventually(async () => (await primary.sql('SHOW REPLICAS')).length === 1, {
      deadlineMs: 20_000,
      describe: 'a replica',
    });
  }, patienceMs);
  afterAll(async () => await Promise.all([primary.close(), replica.close()]), patienceMs);

  test(
    'waits before it stops until an engine has closed it',
    async () => {
      const engine = await MysqlSession.connect(primary.operator, { deadlineMs: 5000 });
      try {
        let ended = false;
        const preStop = primary.get('/prestop').finally(() => {
          ended = true;
        });
        // Longer than it waits for an engine that is not there.
        await eventually(() => primary.agent.output().includes('waits until nobody needs this instance'), {
          deadlineMs: 20_000,
          describe: 'the wait',
        });
        expect(ended).toBe(false);
        await engine.query('SET GLOBAL super_read_only = ON', [], { deadlineMs: 5000 });
        expect(JSON.parse((await preStop).body)).toEqual({ verdict: 'closed' });
      } finally {
        engine.destroy();
      }
    },
    patienceMs,
  );

  test(
    'does not wait for an engine that is not there',
    async () => {
      await primary.sql('SET GLOBAL read_only = OFF');
      expect(JSON.parse((await primary.get('/prestop')).body)).toEqual({ verdict: 'no-engine' });
    },
    patienceMs,
  );
});
