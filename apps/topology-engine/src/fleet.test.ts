import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@pilotfish/service';
import { Fleet } from './fleet.ts';

/** A fleet of one cluster whose loop only notes that it runs. */
function fleetOf(owner: string) {
  const world = { owner, running: 0 };
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
    createLoop: () => loop as never,
    forget: () => undefined,
    logger: createLogger({ service: 'test', level: 'fatal', pod: 'test' }),
  });
  return { world, fleet };
}

describe('the fleet', () => {
  test('looks after what it is to own', async () => {
    const { world, fleet } = fleetOf('me');
    fleet.reconcile();
    expect(world.running).toBe(1);
    await fleet.stop();
    expect(world.running).toBe(0);
  });

  test('ends the loop of a cluster that another is to own, and begins anew when it is to own it again', async () => {
    const { world, fleet } = fleetOf('me');
    fleet.reconcile();
    world.owner = 'other';
    fleet.reconcile();
    await fleet.stop();
    expect(world.running).toBe(0);
    world.owner = 'me';
    fleet.reconcile();
    expect(world.running).toBe(1);
    await fleet.stop();
  });
});
