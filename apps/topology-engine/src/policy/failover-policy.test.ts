import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { MysqlFleet } from '../testing/mysql-fleet.ts';

const [first, second, third] = ['db-mysql-0', 'db-mysql-1', 'db-mysql-2'] as const;

/** Real servers, a fake agent beside each, the record in memory. */
describe('what the owners of a cluster want of a failover', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function settledFleet() {
    const fleet = await MysqlFleet.start(3);
    closers.push(() => fleet.close());
    const engine = fleet.runEngine();
    closers.push(() => engine.stop());
    await fleet.settled(2);
    return { fleet, engine };
  }

  test('an instance that may lead gets from one that may not what that alone holds, and then leads', async () => {
    const { fleet, engine } = await settledFleet();
    await fleet.query(first, 'CREATE DATABASE shop');
    await fleet.query(first, 'CREATE TABLE shop.orders (id INT PRIMARY KEY)');
    await engine.stop();
    await fleet.query(second, 'STOP REPLICA IO_THREAD');
    // Acknowledged by the third alone, which must never lead.
    await fleet.query(first, 'INSERT INTO shop.orders VALUES (1), (2), (3)');
    fleet.failover = { instances: [{ name: third, promotionRule: 'mustNot' }], recoveryBlockSeconds: 600 };
    fleet.server(first).kill('SIGKILL');
    const next = fleet.runEngine();
    closers.push(() => next.stop());
    await eventually(() => fleet.primary === second && fleet.store.topology?.operation === undefined, {
      deadlineMs: 20_000,
      describe: `the second to lead: ${JSON.stringify(fleet.store.topology)}`,
    });
    expect(await fleet.query(second, 'SELECT COUNT(*) AS orders FROM shop.orders')).toEqual([{ orders: 3 }]);
    expect(fleet.store.topology).toMatchObject({
      lastFailover: { from: first, to: second, kind: 'failover', epoch: 2 },
      failures: [{ name: first, epoch: 2 }],
    });
    await eventually(() => condition(fleet, 'PendingFailoverAck')?.status === 'True', {
      deadlineMs: 20_000,
      describe: 'the failover to wait for somebody to acknowledge it',
    });
  }, 120_000);

  test('while failovers are paused a dead primary is held, and the pause that ends lifts it', async () => {
    const { fleet } = await settledFleet();
    fleet.failover = { paused: true };
    fleet.server(first).kill('SIGKILL');
    await eventually(() => fleet.store.topology?.hold?.reason === 'FailoverPaused', {
      deadlineMs: 10_000,
      describe: 'the pause to hold the failover',
    });
    expect(fleet.store.topology).toMatchObject({ primary: first, epoch: 1, hold: { lifts: 'the pause ends' } });
    fleet.failover = {};
    await eventually(() => fleet.primary !== first && fleet.store.topology?.hold === undefined, {
      deadlineMs: 10_000,
      describe: 'another primary, and no hold any more',
    });
  }, 120_000);
});

const condition = (fleet: MysqlFleet, type: string) =>
  fleet.store.conditions.find((candidate) => candidate.type === type);
