import { timestampMs } from '../load-client/timestamp.ts';
import type { Scene } from './scene.ts';
import { waitFor } from './wait-for.ts';

const FAILOVER_TIMEOUT_MS = 60_000;
/** mysqld looks once a minute whether a full volume has room again. */
const AFTERWARDS_TIMEOUT_MS = 120_000;
/** Answers that were under way at the time of the fault arrive a little later. */
const IN_FLIGHT_MS = 200;

/** Waits until another server acknowledges writes, the status names it, and the master Service leads to it alone. */
export async function takeOver(scene: Scene): Promise<void> {
  const { watch, server, faultMs, before } = scene;
  await waitFor(
    'another server acknowledges writes',
    async () => {
      const acknowledgements = Object.entries((await watch.load.report()).lastAcknowledgedMs);
      return acknowledgements.some(([other, ms]) => other !== server && ms > faultMs);
    },
    { timeoutMs: FAILOVER_TIMEOUT_MS, intervalMs: 100 },
  );
  await serviceLeads(scene, ({ primary, epoch }) => primary !== before.primary && epoch > before.epoch);
}

/** Waits until writes are acknowledged, by whichever server, and status and Service agree with that. */
export async function writesAgain(scene: Scene, timeoutMs = FAILOVER_TIMEOUT_MS): Promise<void> {
  const sinceMs = timestampMs() + IN_FLIGHT_MS;
  await waitFor(
    'writes are acknowledged again',
    async () => Object.values((await scene.watch.load.report()).lastAcknowledgedMs).some((ms) => ms > sinceMs),
    { timeoutMs, intervalMs: 100 },
  );
  await serviceLeads(scene, () => true);
}

/** The same when the fault is over, whatever it was. */
export async function writesAfterwards(scene: Scene): Promise<void> {
  await writesAgain(scene, AFTERWARDS_TIMEOUT_MS);
}

async function serviceLeads(
  { cluster }: Scene,
  fits: (topology: { primary: string; epoch: number }) => boolean,
): Promise<void> {
  await waitFor(
    'the status and the master Service name the primary',
    async () => {
      const topology = await cluster.topology();
      const endpoints = await cluster.endpoints('master');
      if (topology.writable && endpoints.join() === topology.primary && fits(topology)) return true;
      const found = `primary ${topology.primary}, epoch ${topology.epoch}, writable ${topology.writable}`;
      throw new Error(`${found}, endpoints ${endpoints.join(', ') || 'none'}`);
    },
    { timeoutMs: FAILOVER_TIMEOUT_MS },
  );
}
