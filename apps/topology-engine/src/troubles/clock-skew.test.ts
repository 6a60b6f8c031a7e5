import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { Heartbeats } from '../testing/heartbeats.ts';
import { settledFleet } from '../testing/settled-fleet.ts';
import { WriteLoad } from '../testing/write-load.ts';

const [primary, ahead, behind] = ['db-mysql-0', 'db-mysql-1', 'db-mysql-2'];
const hour = 3_600;

/** Real servers under a wall clock of their own. */
describe('servers whose clocks are an hour apart', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  test('are no worse for it: it is said, nobody counts as lagging, and a failover loses nothing', async () => {
    const it = await settledFleet(3, { clocksAhead: [0, hour, -hour] });
    closers.push(() => it.close());
    const { fleet } = it;
    const heartbeats = await Heartbeats.start(fleet);
    closers.push(() => heartbeats.stop());
    const load = new WriteLoad(fleet);
    closers.push(() => load.stop());
    await load.acknowledged(50);

    const told = (name: string) => fleet.store.topology?.instances.find((instance) => instance.name === name);
    const says = async (name: string, message: string): Promise<void> => {
      const isSaid = (): boolean => told(name)?.message === message && told(name)?.state === 'Replicating';
      await eventually(isSaid, { deadlineMs: 20_000, describe: message });
      expect(told(name)).toMatchObject({ serving: true, lagged: false, caughtUp: true });
    };
    // With a heartbeat that is old by one clock and of the future by the other: lag is reckoned without them.
    const view = () =>
      it
        .engine()
        .loop.look()
        ?.snapshot.instances.map(({ contact }) => contact);
    await eventually(
      () => view()?.every((contact) => contact.kind === 'observed' && contact.view.heartbeatAgeMs !== null),
      { deadlineMs: 20_000, describe: 'the engine to see heartbeats everywhere' },
    );
    await says(ahead, "its clock is 3600 s ahead of the primary's");
    await says(behind, "its clock is 3600 s behind the primary's");
    it.expectPlans('bootstrap');

    fleet.server(primary).kill('SIGKILL');
    await eventually(() => fleet.primary !== primary && load.server === fleet.primary, {
      deadlineMs: 20_000,
      describe: 'writes on another primary',
    });
    await fleet.server(primary).start();
    await fleet.settled(2);
    await load.stop();
    expect(await load.lost()).toEqual([]);
    it.expectPlans('bootstrap', 'failover');
    const other = fleet.primary === ahead ? behind : ahead;
    await says(other, `its clock is 7200 s ${fleet.primary === ahead ? 'behind' : 'ahead of'} the primary's`);
  }, 120_000);
});
