import { outageAfter } from '../analysis/outages.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import type { Pod } from './kube-objects.ts';
import type { Load } from './load.ts';
import { observeFor } from './observe.ts';
import type { Stage } from './scenario.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';
import { WriteWatch } from './write-watch.ts';

/** A way to take the primary away. */
export interface Fault {
  readonly inject: (cluster: TestCluster, primary: Pod) => Promise<void> | void;
  /** Ends the fault, once another primary is there: the old one must come back by itself from then on. */
  readonly heal?: (primary: Pod) => Promise<void> | void;
  /** How long the old primary is watched for writes that it acknowledges, from the take-over to `heal`. */
  readonly watchBeforeHealMs?: number;
  /** The same from its return on. */
  readonly watchMs?: number;
  /** The old primary may lead again when it is back before anybody decided: then the epoch stays. */
  readonly samePrimaryMayReturn?: boolean;
  readonly writesPerSecond?: number;
}

const FAILOVER_TIMEOUT_MS = 60_000;
const IN_FLIGHT_MS = 200;

/** Breaks the primary of the shared cluster some times, each time from full redundancy to full redundancy, under load. */
export async function faultRounds(stage: Stage, rounds: number, fault: Fault): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const cluster = await stage.sharedCluster();
    await faultRound(stage, cluster, fault, `round ${round} of ${rounds}`);
  }
}

/** One fault, from a healthy cluster to a healthy cluster. */
export async function faultRound(stage: Stage, cluster: TestCluster, fault: Fault, title: string): Promise<void> {
  const before = await cluster.waitFullyRedundant();
  const primary = await cluster.pod(before.primary);
  const { nodeName } = primary.spec;
  const watch = await WriteWatch.start(stage, cluster, {
    ...(nodeName !== undefined && { avoidNode: nodeName }),
    ...(fault.writesPerSecond !== undefined && { writesPerSecond: fault.writesPerSecond }),
  });
  const server = await watch.load.currentServer();

  const faultMs = timestampMs();
  await fault.inject(cluster, primary);
  let healed = fault.heal === undefined;
  try {
    const expected = { faultMs, server, samePrimaryMayReturn: fault.samePrimaryMayReturn === true, ...before };
    await waitForTakeOver(cluster, watch.load, expected);
    const takenOverMs = timestampMs();
    if (fault.watchBeforeHealMs !== undefined) await observeFor(fault.watchBeforeHealMs);
    if (fault.heal !== undefined) await fault.heal(primary);
    healed = true;
    if (fault.watchMs !== undefined) await observeFor(fault.watchMs);
    const after = await cluster.waitFullyRedundant();
    const redundancyMs = timestampMs() - faultMs;
    stage.findings.addRedundancy(redundancyMs);
    const epochs = after.epoch - before.epoch;
    const epochsMoved = after.primary === before.primary ? 0 : 1;
    stage.findings.expect(epochs === epochsMoved, `the epoch went from ${before.epoch} to ${after.epoch}`);

    const { records } = await watch.finish();
    const { outageMs } = outageAfter(records, faultMs, takenOverMs);
    stage.findings.addOutage(outageMs);
    stage.log(
      `${title}: ${before.primary} → ${after.primary}, outage ${Math.round(outageMs)} ms, fully redundant after ${(redundancyMs / 1000).toFixed(1)} s`,
    );
  } finally {
    if (!healed) await fault.heal?.(primary);
  }
}

interface Before {
  readonly faultMs: number;
  readonly server: string;
  readonly primary: string;
  readonly epoch: number;
  readonly samePrimaryMayReturn: boolean;
}

/** Waits until another server acknowledges writes, the status names it, and the master Service leads to it alone. */
async function waitForTakeOver(cluster: TestCluster, load: Load, before: Before): Promise<void> {
  const { faultMs, server, primary, epoch, samePrimaryMayReturn } = before;
  // Answers that were under way when the old primary was killed arrive a little later.
  const returnedMs = timestampMs() + IN_FLIGHT_MS;
  await waitFor(
    samePrimaryMayReturn ? 'writes are acknowledged again' : 'another server acknowledges writes',
    async () => {
      const acknowledgements = Object.entries((await load.report()).lastAcknowledgedMs);
      return acknowledgements.some(([other, ms]) =>
        other === server ? samePrimaryMayReturn && ms > returnedMs : ms > faultMs,
      );
    },
    { timeoutMs: FAILOVER_TIMEOUT_MS, intervalMs: 100 },
  );
  await waitFor(
    'the status and the master Service name the primary',
    async () => {
      const topology = await cluster.topology();
      const endpoints = await cluster.endpoints('master');
      const isNew = topology.primary !== primary && topology.epoch > epoch;
      const leads = topology.writable && endpoints.join() === topology.primary;
      if (leads && (isNew || samePrimaryMayReturn)) return true;
      const found = `primary ${topology.primary}, epoch ${topology.epoch}, writable ${topology.writable}`;
      throw new Error(`${found}, endpoints ${endpoints.join(', ') || 'none'}`);
    },
    { timeoutMs: FAILOVER_TIMEOUT_MS },
  );
}
