import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { type FleetOptions, MysqlFleet } from './testing/mysql-fleet.ts';
import { WriteLoad } from './testing/write-load.ts';

/** Real servers, a fake agent beside each, the record in memory. */
describe('the loop of one cluster', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function runningFleet(count: number, options?: FleetOptions) {
    const fleet = await MysqlFleet.start(count, options);
    closers.push(() => fleet.close());
    const engine = fleet.runEngine();
    closers.push(() => engine.stop());
    await fleet.settled(count - 1);
    const load = new WriteLoad(fleet);
    closers.push(() => load.stop());
    return { fleet, engine, load };
  }

  test('makes a cluster of three blank servers: first primary, two clones, an ack set of two', async () => {
    const { fleet } = await runningFleet(3, { blank: true });
    expect(fleet.store.topology).toMatchObject({
      primary: 'db-mysql-0',
      epoch: 1,
      initialized: true,
      writable: true,
      ackSet: { members: ['db-mysql-1', 'db-mysql-2'], k: 1 },
    });
    const clones = fleet.events.filter(({ name }) => name === 'instance-reclone-started');
    expect(clones.map(({ data }) => data.donor)[0]).toBe('db-mysql-0');
    await eventually(() => fleet.store.conditions.some(({ type, status }) => type === 'Durable' && status === 'True'), {
      deadlineMs: 20_000,
      describe: 'the condition Durable',
    });
  }, 120_000);

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'fails over when the primary gets %s, and loses no acknowledged write',
    async (signal) => {
      const { fleet, load } = await runningFleet(3);
      await load.acknowledged(100);
      const old = fleet.primary;
      const at = performance.now();
      fleet.server(old).kill(signal);
      await eventually(() => load.lastAcknowledgedAt > at && load.server !== old && load.server === fleet.primary, {
        deadlineMs: 20_000,
        describe: 'writes on the new primary',
      });
      const outageMs = load.longestGapSince(at);
      process.stderr.write(`${signal}: write outage ${outageMs.toFixed(0)} ms\n`);
      if (signal === 'SIGKILL') await fleet.server(old).start();
      await load.acknowledged(load.count + 50);
      await fleet.settled(2);
      await load.stop();
      expect(await load.lost()).toEqual([]);
      expect(fleet.store.topology?.epoch).toBe(2);
      expect((await fleet.query(old, 'SELECT @@global.super_read_only AS closed'))[0]).toEqual({ closed: 1 });
    },
    180_000,
  );

  test('switches over from a primary that is leaving, within a moment', async () => {
    const { fleet, engine, load } = await runningFleet(3);
    await load.acknowledged(100);
    const old = fleet.primary;
    const at = performance.now();
    fleet.terminate(old);
    engine.notify();
    await eventually(() => load.lastAcknowledgedAt > at && load.server !== old, {
      deadlineMs: 20_000,
      describe: 'writes on the new primary',
    });
    await load.acknowledged(load.count + 50);
    await load.stop();
    process.stderr.write(`switchover: write outage ${load.longestGapSince(at).toFixed(0)} ms\n`);
    expect(fleet.events.map(({ name }) => name)).toContain('switchover-completed');
    expect(fleet.agent(old).fences).toBe(0);
    const phases = fleet.store.history.flatMap(({ operation, primary, writable }) =>
      operation?.kind === 'switchover' ? [{ phase: operation.phase, open: writable ? primary : 'nobody' }] : [],
    );
    expect(phases).toEqual(
      expect.arrayContaining([
        { phase: 'preparing', open: old },
        { phase: 'handing-over', open: old },
        { phase: 'switching', open: 'nobody' },
      ]),
    );
    expect(await load.lost()).toEqual([]);
  }, 180_000);

  test('opens the same primary again when it crashed and nobody may take over', async () => {
    const { fleet } = await runningFleet(1);
    fleet.server('db-mysql-0').kill('SIGKILL');
    await eventually(() => fleet.store.topology?.instances[0]?.state === 'Unreachable', {
      deadlineMs: 10_000,
      describe: 'its end to be seen',
    });
    await fleet.server('db-mysql-0').start();
    await eventually(
      async () => (await fleet.query('db-mysql-0', 'SELECT @@global.read_only AS closed'))[0]?.closed === 0,
      { deadlineMs: 10_000, describe: 'it to be open again' },
    );
    expect(fleet.store.topology).toMatchObject({ epoch: 1, primary: 'db-mysql-0' });
  }, 120_000);

  test('tells a wrong password in the Secret, goes on with the right one, and takes a new one that MySQL knows', async () => {
    const { fleet, load } = await runningFleet(1);
    const credentials = () => fleet.store.conditions.find(({ type }) => type === 'CredentialsValid');
    const becomes = (status: 'True' | 'False') =>
      eventually(() => credentials()?.status === status, {
        deadlineMs: 30_000,
        describe: `CredentialsValid ${status}`,
      });
    await becomes('True');
    fleet.editedPassword = 'not-the-password';
    await becomes('False');
    expect(credentials()?.message).toMatch(/OPERATOR_PASSWORD.*Access denied/);
    expect(fleet.store.topology?.instances[0]?.state).toBe('Primary');
    await load.acknowledged(load.count + 20);
    await fleet.query('db-mysql-0', "CREATE USER root@'127.0.0.1' IDENTIFIED BY 'not-the-password'");
    await becomes('True');
    expect(fleet.events.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['credentials-refused', 'credentials-accepted']),
    );
  }, 120_000);

  test('an engine that starts on a healthy cluster changes nothing', async () => {
    const { fleet, engine } = await runningFleet(3);
    await engine.stop();
    const before = structuredClone(fleet.store.topology);
    const events = fleet.events.length;
    const { looks } = fleet;
    const second = fleet.runEngine();
    closers.push(() => second.stop());
    await eventually(() => fleet.looks > looks + 20, { deadlineMs: 20_000, describe: 'twenty passes' });
    expect(before?.owner).toEqual({ engine: '', term: 1 });
    expect(fleet.store.topology).toEqual({ ...before, owner: { engine: 'engine-0', term: 2 } });
    expect(fleet.events.slice(events)).toEqual([]);
  }, 120_000);
});
