import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { MysqlSession } from '@pilotfish/mysql';
import { checkLeaks, eventually, Mysqld } from '@pilotfish/testkit';
import { StandaloneEngine } from '../testing/standalone-engine.ts';

const deadline = { deadlineMs: 5_000 };
const indexOf = (name: string): number => Number(name.split('-').at(-1));

/** The program itself, over real servers that share an address and have no agent. */
describe('the standalone engine', () => {
  let servers: Mysqld[];
  const engines: StandaloneEngine[] = [];
  beforeAll(async () => {
    servers = await Promise.all([1, 2, 3].map((serverId) => Mysqld.start({ serverId })));
  }, 120_000);
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  checkLeaks({ beforeAll, afterAll });

  async function engineFor(options: { password?: string } = {}): Promise<StandaloneEngine> {
    const engine = await StandaloneEngine.prepare(servers, options);
    engines.push(engine);
    await engine.start();
    return engine;
  }

  async function query(index: number, sql: string): Promise<Record<string, unknown>[]> {
    const server = servers[index];
    if (!server) throw new Error(`no server ${String(index)}`);
    const session = await MysqlSession.connect(server.root, deadline);
    try {
      return await session.query(sql, [], deadline);
    } finally {
      session.destroy();
    }
  }

  test('writes nothing to servers that refuse its password, and says so', async () => {
    const engine = await engineFor({ password: 'wrong' });
    const topology = await eventually(
      async () => {
        const current = await engine.topology();
        return current?.hold && current.instances.every(({ message }) => message !== undefined) ? current : undefined;
      },
      { deadlineMs: 20_000, describe: `a hold: ${engine.log()}` },
    );
    expect(topology.primary).toBe('');
    expect(topology.instances[0]?.message).toMatch(/refuses the operator's password.*Access denied/);
    expect(await query(0, 'SELECT @@GLOBAL.gtid_executed AS gtids, @@GLOBAL.super_read_only AS closed')).toEqual([
      { gtids: '', closed: 1 },
    ]);
  }, 60_000);

  test('makes a cluster of blank servers, fails over after its own restart, and takes the old primary back', async () => {
    const engine = await engineFor();
    const made = await engine.settled(2);
    expect(made).toMatchObject({ primary: 'db-0', epoch: 1, initialized: true });
    await query(0, 'CREATE TABLE sys_operator.t (id INT PRIMARY KEY)');
    await query(0, 'INSERT INTO sys_operator.t VALUES (1)');

    const second = await engine.launch();
    expect(await second.exited).toMatchObject({ code: 2 });
    expect(second.output()).toContain('another engine works with');

    await engine.kill();
    servers[0]?.kill('SIGKILL');
    await servers[0]?.exited();
    await engine.start();
    const after = await engine.settled(1);
    expect(after.epoch).toBe(2);
    const primary = indexOf(after.primary);
    expect(primary).not.toBe(0);
    await query(primary, 'INSERT INTO sys_operator.t VALUES (2)');

    await servers[0]?.start();
    await engine.settled(2);
    await eventually(async () => (await query(0, 'SELECT id FROM sys_operator.t')).length === 2, {
      deadlineMs: 10_000,
      describe: 'the old primary to have both rows',
    });
    expect(await query(0, 'SELECT @@GLOBAL.super_read_only AS closed')).toEqual([{ closed: 1 }]);
  }, 180_000);

  test('adopts what runs, and closes a hung primary that returns with a commit that waits: nobody is told that it is safe', async () => {
    const leader = await indexOfOpen();
    const engine = await engineFor();
    const adopted = await engine.settled(2);
    expect(indexOf(adopted.primary)).toBe(leader);
    await query(leader, "CREATE USER app IDENTIFIED BY 'app-password'");
    await query(leader, 'GRANT ALL ON sys_operator.* TO app');
    const old = servers[leader];
    if (!old) throw new Error('no server leads');
    const client = await MysqlSession.connect({ ...old.root, user: 'app', password: 'app-password' }, deadline);

    old.kill('SIGSTOP');
    // It waits in the socket, and is the first thing that the server does when it goes on.
    const waiting = client.query('INSERT INTO sys_operator.t VALUES (3)', [], { deadlineMs: 60_000 }).then(
      () => 'acknowledged',
      () => 'not acknowledged',
    );
    const after = await engine.settled(1);
    expect(after.primary).not.toBe(adopted.primary);
    old.kill('SIGCONT');
    expect(await waiting).toBe('not acknowledged');
    await eventually(
      async () => {
        // What closes it may come first: then the commit was refused, and is nowhere.
        const isKept = (await query(leader, 'SELECT id FROM sys_operator.t WHERE id = 3')).length === 1;
        const instances = (await engine.topology())?.instances;
        expect(instances?.find(({ name }) => name === adopted.primary)).toMatchObject({
          state: isKept ? 'Diverged' : 'Replica',
          readOnly: true,
        });
        return true;
      },
      { deadlineMs: 30_000, describe: 'the old primary to be closed' },
    ).catch((error: unknown) => {
      throw new Error(engine.log(), { cause: error });
    });
    expect(await query(leader, 'SELECT @@GLOBAL.super_read_only AS closed')).toEqual([{ closed: 1 }]);
  }, 180_000);

  async function indexOfOpen(): Promise<number> {
    for (const index of servers.keys()) {
      const [row] = await query(index, 'SELECT @@GLOBAL.read_only AS closed');
      if (row?.closed === 0) return index;
    }
    throw new Error('no server is open');
  }
});
