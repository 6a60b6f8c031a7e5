import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MysqlSession } from '@pilotfish/mysql';
import { eventually } from '@pilotfish/testkit';
import { beatSql, makeHeartbeatTable } from '../testing/heartbeats.ts';
import { type SettledFleet, settledFleet } from '../testing/settled-fleet.ts';

const primary = 'db-mysql-0';
const deadline = { deadlineMs: 10_000 };

/** Troubles of a primary that lives: each is told for what it is, and nobody takes over. One cluster has them one after the other. */
describe('a primary that lives', () => {
  let it: SettledFleet;
  beforeAll(async () => {
    it = await settledFleet(3);
    const { fleet } = it;
    await makeHeartbeatTable(fleet);
    await beat(0);
    // A server that lacked the table is asked for it every few seconds.
    await eventually(
      () => {
        const contact = it.engine().loop.look()?.snapshot.instances[0]?.contact;
        return contact?.kind === 'observed' && contact.view.heartbeatAgeMs !== null;
      },
      { deadlineMs: 20_000, describe: 'the engine to see the heartbeat' },
    );
  }, 120_000);
  afterAll(async () => await it.close());

  /** As its agent writes it, so many seconds ago. */
  const beat = async (secondsAgo: number): Promise<void> => {
    await it.fleet.query(primary, beatSql(secondsAgo));
  };
  const isOpen = async (): Promise<boolean> =>
    (await it.fleet.query(primary, 'SELECT @@global.read_only AS closed'))[0]?.closed === 0;
  const expectNoFailover = (): void => {
    expect(it.fleet.store.topology).toMatchObject({ primary, epoch: 1 });
    expect(it.plans().filter((kind) => kind !== 'bootstrap' && kind !== 'reopen')).toEqual([]);
  };

  test('closed by hand: it is opened again, and the reason says that it was closed while it ran', async () => {
    await beat(0);
    await it.fleet.query(primary, 'SET GLOBAL super_read_only = ON');
    await eventually(isOpen, { deadlineMs: 10_000, describe: 'it to be open again' });
    await it.healthy();
    const reopened = it.fleet.journal.recent('test/db', 100).find(({ decision }) => decision.plan?.kind === 'reopen');
    expect(reopened?.decision).toMatchObject({
      state: 'PrimaryClosed',
      because: `${primary} was closed while it ran (spec.readOnly would keep it closed)`,
    });
    expectNoFailover();
  }, 60_000);

  test('closed for longer than a lock may hold writes up: opened, it has written no heartbeat yet, and that is no lock', async () => {
    await beat(60);
    await it.fleet.query(primary, 'SET GLOBAL super_read_only = ON');
    await eventually(isOpen, { deadlineMs: 10_000, describe: 'it to be open again' });
    const { looks } = it.fleet;
    await eventually(() => it.fleet.looks > looks + 5, { deadlineMs: 10_000, describe: 'five looks at it' });
    expect(it.states()).not.toContain('PrimaryWritesBlocked');
    // Nobody beats in what follows.
    await it.fleet.query(primary, 'DROP TABLE sys_operator.heartbeat');
    await it.healthy();
    expectNoFailover();
  }, 60_000);

  test('a volume that is full: its agent says so, and a failover would change nothing', async () => {
    const { disk } = it.fleet.agent(primary);
    const before = disk.freeBytes;
    disk.freeBytes = 0;
    const hold = await it.held('PrimaryDiskFull', 'DiskFull');
    expect(hold.message).toBe(`the volume of ${primary} is full: mysqld waits for room, and its replicas hold as much`);
    const condition = await it.told('FailoverInProgress', 'PrimaryInTrouble');
    expect(condition).toMatchObject({
      status: 'False',
      message: expect.stringContaining(`the volume of ${primary} is full`),
    });
    expect(it.fleet.store.topology?.instances[0]).toMatchObject({
      state: 'Broken',
      message: 'its volume is full: free space, or enlarge it',
    });
    disk.freeBytes = before;
    await it.healthy();
    expectNoFailover();
  }, 60_000);

  test('no connection is left for the engine: it lives, and nothing is done', async () => {
    const clients: MysqlSession[] = [];
    await it.fleet.query(primary, "CREATE USER app@'%' IDENTIFIED BY 'app-password'");
    await it.restartEngine(async () => {
      await it.fleet.query(primary, 'SET GLOBAL max_connections = 12');
      // One more than the limit is let in when it may administer.
      clients.push(await MysqlSession.connect(it.fleet.server(primary).root, deadline));
      await fill(clients);
      clients.push(await MysqlSession.connect(it.fleet.server(primary).root, deadline));
    });
    const hold = await it.held('PrimaryConnectionsExhausted', 'ConnectionsExhausted');
    expect(hold.message).toMatch(/db-mysql-0 answers, but not to the operator: .*Too many connections/);
    const condition = await it.told('FailoverInProgress', 'FailoverHeld');
    expect(condition.message).toContain('Too many connections');
    await clients[0]?.query('SET GLOBAL max_connections = 200', [], deadline);
    for (const client of clients) client.destroy();
    await it.healthy();
    expectNoFailover();
  }, 60_000);

  test('it refuses the password of the engine: it lives, and nothing is done', async () => {
    const setPassword = (password: string): string => `ALTER USER root@'%' IDENTIFIED BY '${password}'`;
    const root = await MysqlSession.connect(it.fleet.server(primary).root, deadline);
    await root.query('SET sql_log_bin = OFF', [], deadline);
    await it.restartEngine(async () => {
      await root.query(setPassword('another'), [], deadline);
    });
    const hold = await it.held('PrimaryDenied', 'WrongCredentials');
    expect(hold.message).toMatch(/db-mysql-0 answers, but not to the operator: .*Access denied/);
    expect(hold.lifts).toBe('the password in the Secret of the operator and the one in MySQL are the same');
    await it.told('FailoverInProgress', 'FailoverHeld');
    await root.query(setPassword(it.fleet.server(primary).root.password), [], deadline);
    root.destroy();
    await it.healthy();
    expectNoFailover();
  }, 60_000);

  async function fill(clients: MysqlSession[]): Promise<void> {
    const { host, port } = it.fleet.server(primary).root;
    for (;;) {
      try {
        clients.push(await MysqlSession.connect({ host, port, user: 'app', password: 'app-password' }, deadline));
      } catch (error: unknown) {
        expect(error).toMatchObject({ kind: 'TooManyConnections' });
        return;
      }
    }
  }
});
