import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MysqlSession } from '@pilotfish/mysql';
import { checkLeaks, eventually } from '@pilotfish/testkit';
import { TestApiServer } from './test-api-server.ts';
import { TestPod } from './test-pod.ts';

checkLeaks({ beforeAll, afterAll });
/** For a machine with much else to do; each wait has its own, shorter deadline. */
const patienceMs = 240_000;
let pod: TestPod;
let apiServer: TestApiServer;

describe('the isolation watch of a pod', () => {
  beforeAll(async () => {
    apiServer = await TestApiServer.create();
    pod = await TestPod.start({ ordinal: 0, env: { ...apiServer.env, PILOTFISH_ISOLATION_TIMEOUT_SECONDS: '3' } });
    await pod.bootstrap();
    await apiServer.listen(pod.paths.data);
    await inContact();
  }, patienceMs);
  afterAll(async () => {
    await pod.close();
    await apiServer.close();
  }, patienceMs);

  async function inContact(): Promise<void> {
    await pod.until('contact', ({ isolation }) => !isolation.isolated && isolation.lastContactMsAgo < 2000);
  }

  async function isClosed(): Promise<boolean> {
    const [row] = await pod.sql<{ closed: number }>('SELECT @@super_read_only AS closed');
    return row?.closed === 1;
  }

  test(
    'a writable instance in contact stays writable',
    async () => {
      await pod.sql('SET GLOBAL read_only = OFF');
      const since = performance.now();
      await eventually(() => performance.now() - since > 5000, {
        deadlineMs: 10_000,
        describe: 'more than the time-out',
      });
      expect(await isClosed()).toBe(false);
    },
    patienceMs,
  );

  test(
    'one that loses contact is closed, politely when that can be',
    async () => {
      const pid = await pod.mysqldPid();
      await apiServer.close();
      await eventually(isClosed, { deadlineMs: 10_000, describe: 'the close' });
      expect(await pod.mysqldPid()).toBe(pid);
      await pod.until('the end of the time-out', ({ isolation }) => isolation.isolated, 10_000);
      await apiServer.listen(pod.paths.data);
      await inContact();
      // Back in contact, it is not for the agent to open it.
      expect(await isClosed()).toBe(true);
    },
    patienceMs,
  );

  test(
    'one whose commits wait for an acknowledgement is killed, and comes back closed',
    async () => {
      const pid = await pod.mysqldPid();
      await pod.sql(
        'SET GLOBAL rpl_semi_sync_source_wait_no_replica = ON',
        'SET GLOBAL rpl_semi_sync_source_enabled = ON',
        'SET GLOBAL read_only = OFF',
      );
      const writer = await MysqlSession.connect(pod.operator, { deadlineMs: 5000 });
      const write = writer
        .query('CREATE DATABASE waiting', [], { deadlineMs: patienceMs })
        .catch((error: unknown) => error);
      await apiServer.close();
      await pod.until('the kill', ({ mysqld }) => mysqld.awaitingBoundary !== undefined, 20_000);
      // Before it starts again, the engine gets a word in: what nobody acknowledged may have to be cut.
      await apiServer.listen(pod.paths.data);
      await eventually(async () => (await pod.mysqldPid()) !== pid && (await isClosed()), {
        deadlineMs: 30_000,
        describe: 'another mysqld',
      });
      expect(await write).toMatchObject({ kind: 'Closed' });
      writer.destroy();
    },
    patienceMs,
  );
});
