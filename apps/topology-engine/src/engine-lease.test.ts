import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { EngineLab } from './testing/engine-lab.ts';
import { noteStatements, type Said, saidBy, serverTime } from './testing/statement-history.ts';
import { WriteLoad } from './testing/write-load.ts';

const minuteMs = 60_000;

/** Real servers, a real API server, two engines as processes: who may act, and when. The tests build on each other. */
describe('two engines and one cluster', () => {
  let lab: EngineLab;
  let load: WriteLoad;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    lab = await EngineLab.start(3);
    closers.push(() => lab.close());
    const at = { kind: 'failover', step: 'promote', does: 'stand-still' } as const;
    await lab.startEngine('a', at);
    await lab.settled();
    await lab.startEngine('b', at);
    load = new WriteLoad(lab.fleet);
    closers.push(() => load.stop());
    await load.acknowledged(20);
  }, 3 * minuteMs);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  }, minuteMs);

  const renewed = async (engine: string, times: number): Promise<void> => {
    const seen = new Set<string | undefined>();
    await eventually(async () => seen.add(await lab.renewals(engine)).size > times, {
      deadlineMs: minuteMs,
      describe: `${engine} to renew its lease ${String(times)} times: ${lab.engines.get(engine)?.output() ?? ''}`,
    });
  };

  test(
    'a jump of the wall clock, forward or back, changes nothing',
    async () => {
      const before = lab.fleet.store.topology?.owner;
      expect(before?.engine).toBe('a');
      const renewals = Math.ceil((1.2 * lab.lease.leaseMs) / lab.lease.retryMs);
      for (const engine of ['a', 'b', 'a', 'b']) {
        const { lastAcknowledgedAt } = load;
        lab.engines.get(engine)?.kill('SIGHUP');
        await renewed(engine, renewals);
        expect(load.lastAcknowledgedAt).toBeGreaterThan(lastAcknowledgedAt);
      }
      expect(lab.fleet.store.topology?.owner).toEqual(before);
      expect(lab.fleet.store.topology?.epoch).toBe(1);
    },
    3 * minuteMs,
  );

  test(
    'while the API server hangs the owner stops before its lease is over, and goes on when it is back',
    async () => {
      const replica = lab.fleet.names.find((name) => name !== lab.fleet.primary) ?? '';
      await noteStatements(lab.fleet, [replica]);
      const breaking = new Breaking(lab, replica);
      const repairs = async (): Promise<Said[]> =>
        (await saidBy(lab.fleet, replica, ['a', 'b'])).filter(({ statement }) => /^START REPLICA/.test(statement));
      await eventually(async () => (await repairs()).length > 1, { deadlineMs: minuteMs, describe: 'two repairs' });

      const hungAt = await serverTime(lab.fleet, replica);
      lab.api.kill('SIGSTOP');
      // Long enough for a lease to run out twice.
      await eventually(() => breaking.brokenForMs > 2 * lab.lease.leaseMs, {
        deadlineMs: minuteMs,
        describe: 'the replica to stay broken',
      });
      const during = (await repairs()).filter(({ at }) => at > hungAt);
      const backAt = await serverTime(lab.fleet, replica);
      lab.api.kill('SIGCONT');
      expect(during.every(({ at, who }) => who === 'a' && at - hungAt < lab.lease.renewDeadlineMs + 100)).toBe(true);

      await eventually(async () => (await repairs()).some(({ at }) => at > backAt), {
        deadlineMs: minuteMs,
        describe: `a repair after the outage\n${lab.engines.get('a')?.output() ?? ''}`,
      });
      await breaking.stop();
      await lab.settled();
      await load.acknowledged(load.count + 20);
      expect(await lab.writable()).toEqual([lab.fleet.primary]);
    },
    4 * minuteMs,
  );

  test(
    'one that stands still in the middle of a failover says nothing more when it goes on',
    async () => {
      const first = lab.owner;
      const second = first === 'a' ? 'b' : 'a';
      const output = (engine: string): string => lab.engines.get(engine)?.output() ?? '';
      const { primary } = lab.fleet;
      const others = lab.fleet.names.filter((name) => name !== primary);
      await noteStatements(lab.fleet, others);
      await lab.arm(first);
      lab.fleet.server(primary).kill('SIGKILL');
      await eventually(() => lab.isStopped(first), { deadlineMs: minuteMs, describe: `${first} to stand still` });
      await eventually(() => lab.owner === second && lab.fleet.store.topology?.writable === true, {
        deadlineMs: minuteMs,
        describe: `${second} to end the failover\n${output(second)}`,
      });
      if (!lab.fleet.server(primary).isRunning) await lab.fleet.agent(primary).startAgain();
      await lab.settled();

      const wokenAt = new Map(
        await Promise.all(others.map(async (name) => [name, await serverTime(lab.fleet, name)] as const)),
      );
      lab.engines.get(first)?.kill('SIGCONT');
      await renewed(first, 5);
      const changes = await Promise.all(
        others.map(async (name) =>
          (await saidBy(lab.fleet, name, [first])).filter(
            ({ at, statement }) => at > (wokenAt.get(name) ?? 0) && !/^(SELECT|SHOW)\b/i.test(statement),
          ),
        ),
      );
      expect(changes.flat()).toEqual([]);
      expect(output(first)).toMatch(/the lease of this engine has run out|owns this cluster now/);
      expect(lab.owner).toBe(second);
      expect(await lab.writable()).toEqual([lab.fleet.primary]);
      await load.acknowledged(load.count + 20);
      await load.stop();
      expect(await load.lost()).toEqual([]);
    },
    4 * minuteMs,
  );
});

/** Stops a replica's receiver whenever it runs. */
class Breaking {
  readonly #lab: EngineLab;
  readonly #replica: string;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #brokenAt = performance.now();

  constructor(lab: EngineLab, replica: string) {
    this.#lab = lab;
    this.#replica = replica;
    this.#running = this.#run();
  }

  /** Since it was broken last. */
  get brokenForMs(): number {
    return performance.now() - this.#brokenAt;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const state = 'SELECT SERVICE_STATE AS state FROM performance_schema.replication_connection_status';
    while (!this.#end.signal.aborted) {
      const [row] = await this.#lab.fleet.query(this.#replica, state);
      if (row && row.state !== 'OFF') {
        await this.#lab.fleet.query(this.#replica, 'STOP REPLICA IO_THREAD');
        this.#brokenAt = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
