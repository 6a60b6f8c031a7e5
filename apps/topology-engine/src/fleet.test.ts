import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@pilotfish/service';
import { ManualClock } from '@pilotfish/testkit';
import { Fleet } from './fleet.ts';

/** A fleet of one cluster whose loop only notes that it runs. */
function fleetOf(start: { owner: string | undefined; alive: string[] }) {
  const world = { ...start, running: 0 };
  const clock = new ManualClock();
  const loop = {
    notify: () => undefined,
    run: async (signal: AbortSignal) => {
      world.running += 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      world.running -= 1;
    },
  };
  const fleet = new Fleet({
    self: 'me',
    keys: () => ['shop/db'],
    ownerOf: () => world.owner,
    isAlive: (engine) => world.alive.includes(engine),
    createLoop: () => loop as never,
    forget: () => undefined,
    clock,
    logger: createLogger({ service: 'test', level: 'fatal', pod: 'test' }),
  });
  return { world, clock, fleet };
}

describe('the fleet', () => {
  test('looks after what it owns at once when nobody else did', async () => {
    const { world, fleet } = fleetOf({ owner: 'me', alive: ['me'] });
    fleet.reconcile();
    expect(world.running).toBe(1);
    await fleet.stop();
    expect(world.running).toBe(0);
  });

  test('gives a live owner time to let go, and a dead one none', async () => {
    const { world, clock, fleet } = fleetOf({ owner: 'other', alive: ['me', 'other'] });
    fleet.reconcile();
    world.owner = 'me';
    fleet.reconcile();
    expect(world.running).toBe(0);
    await clock.advance(2_000);
    fleet.reconcile();
    expect(world.running).toBe(1);
    await fleet.stop();

    const second = fleetOf({ owner: 'other', alive: ['me'] });
    second.fleet.reconcile();
    second.world.owner = 'me';
    second.fleet.reconcile();
    expect(second.world.running).toBe(1);
    await second.fleet.stop();
  });

  test('ends the loop of a cluster that another owns now', async () => {
    const { world, fleet } = fleetOf({ owner: 'me', alive: ['me', 'other'] });
    fleet.reconcile();
    world.owner = 'other';
    fleet.reconcile();
    await fleet.stop();
    expect(world.running).toBe(0);
  });
});
