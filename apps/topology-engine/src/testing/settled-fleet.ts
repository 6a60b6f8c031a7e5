import { eventually } from '@pilotfish/testkit';
import type { EngineCondition } from '../inventory.ts';
import { type FleetOptions, key, MysqlFleet } from './mysql-fleet.ts';

export interface SettledFleet {
  readonly fleet: MysqlFleet;
  /** The engine that looks after it now. */
  engine(): ReturnType<MysqlFleet['runEngine']>;
  /** Another engine takes over, as after a restart: it has no connection yet. `meanwhile` is done while there is none. */
  restartEngine(meanwhile: () => Promise<void>): Promise<void>;
  /** Waits until the state that is decided is this one, and what is published of it is held for this reason. */
  held(state: string, reason: string): Promise<NonNullable<NonNullable<MysqlFleet['store']['topology']>['hold']>>;
  /** Waits until nothing holds and all is well. */
  healthy(): Promise<void>;
  /** Kinds of the plans that were begun. */
  plans(): readonly string[];
  /** Exactly plans of these kinds were begun. @throws Error that tells why each was, and how it ended */
  expectPlans(...kinds: string[]): void;
  /** States that were decided, each time that they changed. */
  states(): readonly string[];
  /** Waits until that condition is published for this reason. */
  told(type: string, reason: string): Promise<EngineCondition>;
  close(): Promise<void>;
}

/** A fleet of that many servers under an engine, whole: everybody follows and acknowledges. */
export async function settledFleet(
  count: number,
  { prepare, ...options }: FleetOptions & { readonly prepare?: (fleet: MysqlFleet) => void } = {},
): Promise<SettledFleet> {
  const fleet = await MysqlFleet.start(count, options);
  prepare?.(fleet);
  let engine = fleet.runEngine();
  const state = (): string | undefined => engine.loop.look()?.decision.state;
  const told = (): string => `${state() ?? ''} ${JSON.stringify(fleet.store.topology)}`;
  const entries = () => fleet.journal.recent(key, 1_000);
  const settled: SettledFleet = {
    fleet,
    engine: () => engine,
    restartEngine: async (meanwhile) => {
      await engine.stop();
      await meanwhile();
      engine = fleet.runEngine();
    },
    held: async (wanted, reason) =>
      await eventually(
        () => {
          const { hold } = fleet.store.topology ?? {};
          return state() === wanted && hold?.reason === reason && hold;
        },
        { deadlineMs: 30_000, describe: `${wanted}, held for ${reason}` },
      ).catch((error: unknown) => {
        throw new Error(`last: ${told()}`, { cause: error });
      }),
    healthy: async () => {
      await eventually(() => state() === 'PrimaryHealthy' && fleet.store.topology?.hold === undefined, {
        deadlineMs: 30_000,
        describe: 'a healthy primary, and no hold',
      }).catch((error: unknown) => {
        throw new Error(`last: ${told()}`, { cause: error });
      });
    },
    plans: () => entries().flatMap(({ decision, ended }) => (decision.plan && !ended ? [decision.plan.kind] : [])),
    expectPlans: (...kinds) => {
      if (settled.plans().join() === kinds.join()) return;
      const told = entries().map(({ at, decision, ended }) => `${at} ${JSON.stringify({ ...decision, ended })}`);
      throw new Error(`not the plans ${kinds.join(', ')}:\n${told.join('\n')}`);
    },
    states: () => entries().map(({ decision }) => decision.state),
    told: async (type, reason) =>
      await eventually(() => fleet.store.conditions.find((one) => one.type === type && one.reason === reason), {
        deadlineMs: 10_000,
        describe: `${type} ${reason}`,
      }),
    close: async () => {
      await engine.stop();
      await fleet.close();
    },
  };
  try {
    const { mode } = fleet;
    await fleet.settled(mode === 'async' ? 0 : count - 1, mode === 'async' ? 0 : Math.floor(count / 2));
    return settled;
  } catch (error: unknown) {
    await settled.close();
    throw error;
  }
}
