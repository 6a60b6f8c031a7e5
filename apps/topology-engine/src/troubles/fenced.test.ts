import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { MysqlError, MysqlSession } from '@pilotfish/mysql';
import { eventually } from '@pilotfish/testkit';
import type { MysqlFleet } from '../testing/mysql-fleet.ts';
import { type SettledFleet, settledFleet } from '../testing/settled-fleet.ts';

const primary = 'db-mysql-0';
const replicas = ['db-mysql-1', 'db-mysql-2'] as const;
const noSuchThread = 1094;
const deadline = { deadlineMs: 10_000 };

/** Troubles that another primary ends, and what must be true of the old one before. */
describe('another primary', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function whole(prepare: (fleet: MysqlFleet) => void): Promise<SettledFleet> {
    const it = await settledFleet(3, { prepare });
    closers.push(() => it.close());
    return it;
  }
  const otherLeads = async (it: SettledFleet): Promise<void> => {
    await eventually(() => it.fleet.primary !== primary && it.fleet.store.topology?.operation === undefined, {
      deadlineMs: 30_000,
      describe: `another primary: ${JSON.stringify(it.fleet.store.topology)}`,
    });
  };
  const becauseOf = (it: SettledFleet) =>
    it.fleet.journal.recent('test/db', 200).find(({ decision }) => decision.plan?.kind === 'failover')?.decision;

  test('ends an account statement that waits for its acknowledgement and lets no replica log in (required)', async () => {
    const it = await whole((fleet) => {
      fleet.durability = 'required';
    });
    const { fleet } = it;
    const root = await MysqlSession.connect(fleet.server(primary).root, deadline);
    const client = await MysqlSession.connect(fleet.server(primary).root, deadline);
    for (const name of replicas) fleet.server(name).kill('SIGSTOP');
    const made = client.query("CREATE USER stuck@'%' IDENTIFIED BY 'password'", [], { deadlineMs: 60_000 }).then(
      () => 'acknowledged',
      () => 'not acknowledged',
    );
    await eventually(async () => (await waiting(root)) > 0, { deadlineMs: 20_000, describe: 'the statement to wait' });
    await endDumpThreads(root);
    for (const name of replicas) fleet.server(name).kill('SIGCONT');
    await otherLeads(it);
    expect(await made).toBe('not acknowledged');
    root.destroy();
    // An engine whose own session ended meanwhile is not let in again either: then it finds it dead, which ends the wait as well.
    expect(becauseOf(it)?.because).toMatch(
      /wait for acknowledgements that no replica can give|has not answered for .* receive nothing from it/,
    );
    expect(fleet.agent(primary).fences).toBeGreaterThan(0);
    await fleet.settled(2);
  }, 180_000);

  test('of an asynchronous cluster waits for proof that the hung one is closed, and has its agent kill it', async () => {
    const it = await whole((fleet) => {
      fleet.mode = 'async';
    });
    const { fleet } = it;
    expect(await it.told('Durable', 'AsyncReplication')).toMatchObject({ status: 'False' });
    fleet.server(primary).kill('SIGSTOP');
    await otherLeads(it);
    expect(becauseOf(it)).toMatchObject({
      state: 'PrimaryDead',
      plan: { steps: expect.arrayContaining(['prove-fence']) },
    });
    const opened = fleet.events.findIndex(({ name }) => name === 'primary-opened' && fleet.primary !== primary);
    expect(opened).toBeGreaterThanOrEqual(0);
    expect(fleet.agent(primary).fences).toBeGreaterThan(0);
  }, 180_000);

  test('of an asynchronous cluster is held while nobody can prove that the hung one is closed', async () => {
    const it = await whole((fleet) => {
      fleet.mode = 'async';
    });
    const { fleet } = it;
    fleet.agent(primary).absent = true;
    await eventually(() => it.engine().loop.look()?.snapshot.instances[0]?.agent === undefined, {
      deadlineMs: 20_000,
      describe: 'the word of its agent to be too old',
    });
    fleet.server(primary).kill('SIGSTOP');
    const hold = await it.held('PrimaryDead', 'FenceNotProven');
    expect(hold.message).toContain(
      `${primary} answers nobody, and neither its pod is gone nor its node lost: it may still take writes`,
    );
    expect(await it.told('FailoverInProgress', 'FailoverHeld')).toMatchObject({ status: 'True' });
    expect(fleet.store.topology).toMatchObject({ primary, epoch: 1 });
    fleet.server(primary).kill('SIGCONT');
    await it.healthy();
    it.expectPlans('bootstrap');
  }, 180_000);

  test('takes the place of one at whose address another server answers, and nothing is done to the stranger', async () => {
    const it = await whole(() => undefined);
    const { fleet } = it;
    const server = fleet.server(primary);
    await it.restartEngine(async () => {
      await server.stop();
      // With data, and another server_uuid.
      await rm(join(server.datadir, 'auto.cnf'));
      await server.start();
    });
    await otherLeads(it);
    expect(becauseOf(it)).toMatchObject({ state: 'PrimaryDead' });
    expect(becauseOf(it)?.because).toMatch(/at the address of db-mysql-0 another server answers \(server_uuid/);
    await eventually(() => /nothing is done to it/.test(fleet.store.topology?.instances[0]?.message ?? ''), {
      deadlineMs: 10_000,
      describe: `what is told of the stranger: ${JSON.stringify(fleet.store.topology?.instances[0])}`,
    });
    expect(fleet.agent(primary)).toMatchObject({ fences: 0, savedErrant: [] });
    expect(await fleet.query(primary, 'SELECT @@global.super_read_only AS closed')).toEqual([{ closed: 1 }]);
  }, 180_000);
});

async function waiting(root: MysqlSession): Promise<number> {
  const rows = await root.query<{ value: string }>(
    "SELECT VARIABLE_VALUE AS value FROM performance_schema.global_status WHERE VARIABLE_NAME = 'Rpl_semi_sync_source_wait_sessions'",
    [],
    deadline,
  );
  return Number(rows[0]?.value ?? 0);
}

/** One that ends by itself meanwhile is what is wanted, too. */
async function endDumpThreads(root: MysqlSession): Promise<void> {
  const rows = await root.query<{ id: number }>(
    "SELECT PROCESSLIST_ID AS id FROM performance_schema.threads WHERE PROCESSLIST_COMMAND LIKE 'Binlog Dump%'",
    [],
    deadline,
  );
  for (const { id } of rows) {
    await root.query(`KILL ${String(id)}`, [], deadline).catch((error: unknown) => {
      if (!(error instanceof MysqlError && error.errno === noSuchThread)) throw error;
    });
  }
}
