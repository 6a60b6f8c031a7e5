import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import type { OperationName } from '@pilotfish/topology';
import type { ClusterLoop } from './cluster-loop.ts';
import { MysqlFleet } from './testing/mysql-fleet.ts';
import { WriteLoad } from './testing/write-load.ts';

const [zero, one, two] = [0, 1, 2].map((index) => MysqlFleet.podName(index)) as [string, string, string];

/** Real servers, a fake agent beside each. The tests build on each other: each leaves the cluster as it found it. */
describe('orders', () => {
  let fleet: MysqlFleet;
  let loop: ClusterLoop;
  let load: WriteLoad;
  const closers: (() => Promise<void>)[] = [];
  let orders = 0;

  beforeAll(async () => {
    fleet = await MysqlFleet.start(3);
    closers.push(() => fleet.close());
    const engine = fleet.runEngine();
    closers.push(() => engine.stop());
    loop = engine.loop;
    await fleet.settled(2);
    load = new WriteLoad(fleet);
    closers.push(() => load.stop());
    await load.acknowledged(20);
  }, 120_000);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  function order(operation: OperationName, params: object = {}, seen: { epoch?: number; planId?: string } = {}) {
    orders += 1;
    return { id: `op-${String(orders)}`, operation, params: { ...params }, by: 'ada', reason: 'a test', ...seen };
  }

  async function done(operation: OperationName, params: object = {}) {
    const answer = await loop.orders.submit(order(operation, params));
    if ('refused' in answer) throw new Error(answer.refused.message);
    return await ended(operation, answer.accepted.id);
  }

  /** As somebody who orders it again as long as writes would stall: a replica that just came back may be away once more. */
  async function doneWhenItMayBe(operation: OperationName, params: object) {
    const id = await eventually(
      async () => {
        const answer = await loop.orders.submit(order(operation, params));
        if ('accepted' in answer) return answer.accepted.id;
        expect(answer.refused.reason).toBe('WouldStallWrites');
        return undefined;
      },
      { deadlineMs: 20_000, describe: `${operation} ${JSON.stringify(params)} to be accepted` },
    );
    return await ended(operation, id);
  }

  async function ended(operation: OperationName, id: string) {
    return await eventually(
      () => {
        const run = loop.runs.get(id);
        return run?.state === 'running' ? undefined : run;
      },
      { deadlineMs: 30_000, describe: `${operation} to end` },
    );
  }

  /** A member of the ack set that was away is a witness again once it is seen to hold everything. */
  const mayBe = (operation: OperationName, params: object): Promise<boolean> =>
    eventually(async () => !('refused' in (await loop.orders.preview(order(operation, params)))), {
      deadlineMs: 20_000,
      describe: `${operation} ${JSON.stringify(params)} to be possible`,
    });

  test('a switchover is rehearsed, carried out as rehearsed, and told step by step', async () => {
    await Promise.all([one, two].map((to) => mayBe('switchover', { to })));
    const { epoch } = fleet.store.topology ?? { epoch: 0 };
    const preview = await loop.orders.preview(order('switchover', { to: one }));
    if ('refused' in preview) throw new Error(preview.refused.message);
    expect(fleet.primary).toBe(zero);
    for (const name of [zero, one, two])
      await fleet.query(name, "SET GLOBAL log_output = 'TABLE', GLOBAL general_log = ON");

    const stale = await loop.orders.submit(order('switchover', { to: one }, { epoch: epoch - 1 }));
    expect(stale).toMatchObject({ refused: { reason: 'StalePlan' } });
    const other = await loop.orders.submit(order('switchover', { to: two }, { planId: preview.planId }));
    expect(other).toMatchObject({ refused: { reason: 'StalePlan' } });

    const [first, second] = await Promise.all([
      loop.orders.submit(order('switchover', { to: one }, { epoch, planId: preview.planId })),
      loop.orders.submit(order('switchover', { to: two })),
    ]);
    expect(first).toMatchObject({ accepted: { operation: 'switchover', by: 'ada', from: zero, to: one } });
    expect(second).toMatchObject({ refused: { reason: 'OperationInProgress' } });
    await fleet.settled(2);
    expect(fleet.primary).toBe(one);
    expect(loop.runs.list()[0]).toMatchObject({
      state: 'succeeded',
      steps: preview.steps.map(() => ({ state: 'done' })),
    });
    const events = fleet.events.map(({ name }) => name);
    expect(events).toEqual(expect.arrayContaining(['operation-requested', 'operation-refused', 'operation-completed']));
    const said = await saidTo(zero, one, two);
    expect(changes(preview.steps).filter((statement) => !said.includes(statement))).toEqual([]);
  }, 60_000);

  test('a replica is put under another one, stays there, and is put back', async () => {
    const run = await done('reparent', { instance: two, source: zero });
    expect(run).toMatchObject({ state: 'succeeded', kind: 'order' });
    expect(fleet.store.topology?.orders?.instances).toEqual([{ name: two, follows: zero }]);
    expect(fleet.store.topology?.ackSet.members).toEqual([zero]);
    await load.acknowledged(load.count + 20);
    await eventually(() => stateOf(two)?.attached === true, {
      deadlineMs: 10_000,
      describe: `${two} to follow ${zero}`,
    });
    expect(await sourceOf(two)).toBe('127.0.0.1');
    expect(await loop.orders.submit(order('fence', { instance: zero }))).toMatchObject({
      refused: { reason: 'WouldStallWrites' },
    });
    expect(await done('reparent-replicas', { of: zero, source: one })).toMatchObject({ state: 'succeeded' });
    await fleet.settled(2);
    expect(await sourceOf(two)).toBe('127.0.0.2');
    expect(fleet.store.topology?.orders?.instances).toEqual([]);
  }, 60_000);

  test('a fenced replica is down until it is unfenced, while writes go on', async () => {
    expect(await done('fence', { instance: two })).toMatchObject({ state: 'succeeded' });
    expect(fleet.store.topology?.ackSet.members).toEqual([zero]);
    await load.acknowledged(load.count + 20);
    expect(await loop.orders.submit(order('switchover', { to: two }))).toMatchObject({
      refused: { reason: 'PromotionForbidden' },
    });
    expect(await done('unfence', { instance: two })).toMatchObject({ state: 'succeeded' });
    await fleet.settled(2);
  }, 60_000);

  test('a step that fails ends in what was before', async () => {
    fleet.agent(two).refuseHolds = true;
    const run = await done('fence', { instance: two });
    expect(run).toMatchObject({ state: 'failed', message: expect.stringContaining('hold') });
    expect(fleet.store.topology?.orders?.instances).toEqual([]);
    await fleet.settled(2);
    expect(fleet.events).toContainEqual({ name: 'operation-failed', data: expect.objectContaining({ kind: 'order' }) });
  }, 60_000);

  test('a switchover to a server that is gone is refused, and says so', async () => {
    fleet.server(two).kill('SIGKILL');
    await fleet.server(two).exited();
    const refused = { reason: 'NotReachable', message: `${two} does not answer (refused)` };
    await eventually(
      async () => {
        const preview = await loop.orders.preview(order('switchover', { to: two }));
        return 'refused' in preview && preview.refused.reason === refused.reason;
      },
      { deadlineMs: 10_000, describe: 'the engine to notice' },
    );
    expect(await loop.orders.submit(order('switchover', { to: two }))).toEqual({ refused });
    await fleet.server(two).start();
    await fleet.settled(2);
  }, 60_000);

  test('hooks are asked before a switchover is begun, and a veto is an answer', async () => {
    const asked = (...command: string[]): void => {
      fleet.hooks = [{ on: 'before-switchover', command, timeoutMs: 5_000, veto: true }];
    };
    const to = fleet.primary === zero ? one : zero;
    await mayBe('switchover', { to });
    asked('/bin/sh', '-c', 'echo not now >&2; exit 3');
    expect(await loop.orders.submit(order('switchover', { to }))).toEqual({
      refused: { reason: 'HookVetoed', message: 'a hook vetoed the switchover: /bin/sh ended with 3 not now' },
    });
    asked('/bin/sh', '-c', 'sleep 0.3');
    expect(await done('switchover', { to })).toMatchObject({ state: 'succeeded', to });
    fleet.hooks = [];
    await fleet.settled(2);
  }, 60_000);

  test('a failover that is ordered replaces a primary that works, by the one that was named', async () => {
    const from = fleet.primary;
    await mayBe('failover', { to: two });
    // Others receive on for a moment: what it lacks it gets from them.
    await fleet.query(two, 'STOP REPLICA IO_THREAD');
    expect(await done('failover', { to: two })).toMatchObject({ state: 'succeeded', kind: 'failover', from, to: two });
    expect(fleet.primary).toBe(two);
    await load.acknowledged(load.count + 20);
    await fleet.settled(2);
  }, 90_000);

  test('a replica is rebuilt from another one, while writes go on', async () => {
    const copies = "SELECT BEGIN_TIME FROM performance_schema.clone_status WHERE STATE = 'Completed'";
    const before = JSON.stringify(await fleet.query(one, copies));
    expect(await doneWhenItMayBe('rebuild', { instance: one })).toMatchObject({ state: 'succeeded' });
    await load.acknowledged(load.count + 20);
    const isCopied = async (): Promise<boolean> => {
      const [copy] = await fleet.query(one, copies);
      return copy !== undefined && JSON.stringify([copy]) !== before;
    };
    await eventually(isCopied, { deadlineMs: 60_000, describe: 'the copy to be done' });
    await fleet.settled(2);
  }, 120_000);

  test('one that has what nobody else has is rebuilt unless the policy is to leave it alone', async () => {
    fleet.errantPolicy = 'never';
    await fleet.query(one, 'SET GLOBAL super_read_only = OFF');
    await fleet.query(one, 'CREATE DATABASE of_its_own');
    await eventually(() => stateOf(one)?.state === 'Diverged' && stateOf(one)?.readOnly, {
      deadlineMs: 10_000,
      describe: 'it to be told',
    });
    expect(await loop.orders.submit(order('rebuild', { instance: one }))).toMatchObject({
      refused: {
        reason: 'WouldDiscard',
        message: expect.stringMatching(/lacks: .*; errantPolicy is never: it is left as it is until/),
      },
    });
    expect(await fleet.query(one, "SHOW DATABASES LIKE 'of_its_own'")).toHaveLength(1);
    fleet.errantPolicy = 'ask';
    expect(await doneWhenItMayBe('rebuild', { instance: one })).toMatchObject({ state: 'succeeded' });
    await fleet.settled(2);
    expect(fleet.agent(one).savedErrant).toHaveLength(1);
    expect(await fleet.query(one, "SHOW DATABASES LIKE 'of_its_own'")).toHaveLength(0);
  }, 120_000);

  test('nothing that was acknowledged meanwhile is lost', async () => {
    await load.stop();
    expect(await load.lost()).toEqual([]);
  }, 60_000);

  const stateOf = (name: string) => fleet.store.topology?.instances.find((instance) => instance.name === name);

  async function sourceOf(name: string): Promise<unknown> {
    const [row] = await fleet.query(name, 'SELECT HOST FROM performance_schema.replication_connection_configuration');
    return row?.HOST;
  }

  /** The statements that changed something on these servers, as their general logs have them. */
  async function saidTo(...names: string[]): Promise<string[]> {
    const rows = await Promise.all(
      names.map(async (name) => {
        await fleet.query(name, 'SET GLOBAL general_log = OFF');
        return await fleet.query(
          name,
          "SELECT CONVERT(argument USING utf8mb4) AS said FROM mysql.general_log WHERE command_type = 'Query'",
        );
      }),
    );
    return rows.flat().map(({ said }) => normal(String(said)));
  }
});

type Steps = Extract<Awaited<ReturnType<ClusterLoop['orders']['preview']>>, { steps: unknown }>['steps'];

const changes = (steps: Steps): string[] =>
  steps
    .flatMap(({ statements }) => statements)
    .filter(({ via, text }) => via === 'sql' && !text.startsWith('SELECT'))
    .map(({ text }) => normal(text));

/** The general log has what hides a password rewritten. */
const normal = (sql: string): string =>
  sql
    .replaceAll(/\s+/g, ' ')
    .replace(/^CHANGE REPLICATION SOURCE TO .*/, 'CHANGE REPLICATION SOURCE TO …')
    .trim();
