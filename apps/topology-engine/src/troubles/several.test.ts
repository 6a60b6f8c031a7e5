import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { type SettledFleet, settledFleet } from '../testing/settled-fleet.ts';
import { WriteLoad } from '../testing/write-load.ts';

const primary = 'db-mysql-0';

describe('troubles of more than the primary', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function writtenFleet(): Promise<{ it: SettledFleet; load: WriteLoad }> {
    const it = await settledFleet(3);
    closers.push(() => it.close());
    const load = new WriteLoad(it.fleet);
    closers.push(() => load.stop());
    await load.acknowledged(50);
    return { it, load };
  }

  test('a replica with a transaction of its own: it is saved, the replica copied anew, and nobody takes over', async () => {
    const { it, load } = await writtenFleet();
    const { fleet } = it;
    const replica = 'db-mysql-2';
    const uuid = await fleet.server(replica).uuid();
    await fleet.query(replica, 'SET GLOBAL super_read_only = OFF');
    await fleet.query(replica, 'INSERT INTO app.t VALUES (-1)');
    await eventually(() => fleet.agent(replica).savedErrant.length > 0, {
      deadlineMs: 20_000,
      describe: 'its transaction to be saved',
    });
    expect(fleet.agent(replica).savedErrant[0]).toMatch(new RegExp(`^${uuid}:\\d+$`));
    expect(fleet.events).toContainEqual({
      name: 'instance-diverged',
      data: { instance: replica, errant: fleet.agent(replica).savedErrant[0] },
    });
    await fleet.settled(2);
    await load.stop();
    expect(await fleet.query(replica, 'SELECT id FROM app.t WHERE id = -1')).toEqual([]);
    expect(new Set(fleet.agent(replica).savedErrant).size).toBe(1);
    expect(fleet.store.topology).toMatchObject({ primary, epoch: 1 });
    it.expectPlans('bootstrap');
  }, 180_000);

  test('the primary is killed while a replica has a transaction of its own: who holds all that others hold leads', async () => {
    const { it, load } = await writtenFleet();
    const { fleet } = it;
    const [other, diverged] = ['db-mysql-1', 'db-mysql-2'] as const;
    await it.restartEngine(async () => {
      await fleet.query(diverged, 'SET GLOBAL super_read_only = OFF');
      await fleet.query(diverged, 'INSERT INTO app.t VALUES (-1)');
      await fleet.query(diverged, 'SET GLOBAL super_read_only = ON');
      fleet.server(primary).kill('SIGKILL');
    });
    await eventually(() => fleet.primary === diverged && load.server === diverged, {
      deadlineMs: 30_000,
      describe: `writes on ${diverged}`,
    });
    await fleet.server(primary).start();
    await fleet.settled(2);
    await load.stop();
    expect(await load.lost()).toEqual([]);
    expect(await fleet.query(other, 'SELECT id FROM app.t WHERE id = -1')).toEqual([{ id: -1 }]);
    it.expectPlans('bootstrap', 'failover');
  }, 180_000);

  test('the primary is killed while a replica hangs: held until enough of the ack set is seen', async () => {
    const { it, load } = await writtenFleet();
    const { fleet } = it;
    fleet.server('db-mysql-1').kill('SIGSTOP');
    fleet.server(primary).kill('SIGKILL');
    const hold = await it.held('PrimaryDead', 'TooFewWitnesses');
    expect(hold.message).toContain(
      '1 of the ack set {db-mysql-1, db-mysql-2} answer and have kept what they received, and 2 must, or an acknowledged commit could be lost',
    );
    expect(hold.lifts).toBe('1 more of {db-mysql-1, db-mysql-2} answer, or the primary does');
    expect(await it.told('FailoverInProgress', 'FailoverHeld')).toMatchObject({ status: 'True' });
    expect(fleet.store.topology).toMatchObject({ primary, epoch: 1 });
    fleet.server('db-mysql-1').kill('SIGCONT');
    await eventually(() => fleet.primary !== primary && load.server === fleet.primary, {
      deadlineMs: 30_000,
      describe: 'writes on another primary',
    });
    await fleet.server(primary).start();
    await fleet.settled(2);
    await load.stop();
    expect(await load.lost()).toEqual([]);
    it.expectPlans('bootstrap', 'failover');
  }, 180_000);
});
