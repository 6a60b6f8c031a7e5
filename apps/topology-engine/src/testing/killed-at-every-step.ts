import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '@pilotfish/testkit';
import { failoverSteps, type StepKind, switchoverSteps } from '@pilotfish/topology';
import { EngineLab } from './engine-lab.ts';
import { WriteLoad } from './write-load.ts';

const minuteMs = 60_000;

const stepsOf = { failover: failoverSteps, switchover: switchoverSteps };

/**
 * Real servers, a real API server, engines as processes. In each round the engine that owns the cluster is killed at one step of the plan, with
 * its first statement out and unanswered, and the next one finishes what it began or takes it back.
 */
export function killedAtEveryStep(kind: keyof typeof stepsOf): void {
  let lab: EngineLab;
  let load: WriteLoad;
  const closers: (() => Promise<void>)[] = [];
  const dying: readonly StepKind[] = stepsOf[kind].map((step) => step.do);
  const engineOf = (round: number): string => `engine-${String(round)}`;

  const startEngine = (round: number) => {
    const step = dying[round];
    return lab.startEngine(engineOf(round), step && { kind, step, does: 'die' });
  };

  beforeAll(async () => {
    lab = await EngineLab.start(3);
    closers.push(() => lab.close());
    await startEngine(0);
    await lab.settled();
    load = new WriteLoad(lab.fleet);
    closers.push(() => load.stop());
    await load.acknowledged(20);
  }, 3 * minuteMs);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  }, minuteMs);

  /** The primary has to go, by a crash or in order. */
  function begin(primary: string): void {
    if (kind === 'failover') {
      lab.fleet.server(primary).kill('SIGKILL');
      return;
    }
    lab.fleet.terminate(primary);
    lab.writePods();
  }

  async function bringBack(primary: string): Promise<void> {
    if (kind === 'failover') {
      await lab.fleet.server(primary).exited();
      // Its agent may have started it already, where it was told to kill it.
      if (!lab.fleet.server(primary).isRunning) await lab.fleet.agent(primary).startAgain();
      return;
    }
    lab.fleet.replacePod(primary);
    lab.writePods();
  }

  test.each(dying.map((step, round) => [step, round] as const))(
    'at %s: the next one ends it well',
    async (_, round) => {
      await startEngine(round + 1);
      const owner = engineOf(round);
      const { primary } = lab.fleet;
      expect(lab.owner).toBe(owner);
      await lab.arm(owner);
      begin(primary);
      expect(await lab.engines.get(owner)?.exited).toMatchObject({ signal: 'SIGKILL' });
      await eventually(() => lab.owner === engineOf(round + 1) && lab.fleet.primary !== primary, {
        deadlineMs: minuteMs,
        describe: `another primary than ${primary}: ${JSON.stringify(lab.fleet.store.topology)}`,
      });
      await bringBack(primary);
      await lab.settled();
      await load.acknowledged(load.count + 20);
      expect(await lab.writable()).toEqual([lab.fleet.primary]);
      expect(await load.lost()).toEqual([]);
    },
    3 * minuteMs,
  );
}
