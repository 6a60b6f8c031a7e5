import { unexplainedSilences, untoldHolds } from '../analysis/explanations.ts';
import { outageAfter } from '../analysis/outages.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import type { Topology } from './kube-objects.ts';
import { observeFor } from './observe.ts';
import type { Stage } from './scenario.ts';
import type { Scene } from './scene.ts';
import { ServiceWatch } from './service-watch.ts';
import { takeOver, writesAfterwards, writesAgain } from './take-over.ts';
import type { TestCluster } from './test-cluster.ts';
import { TopologyWatch } from './topology-watch.ts';
import { WriteWatch } from './write-watch.ts';

/** Who leads at the end: another instance, one epoch later; the same one in the same epoch; or what comes of it is a matter of luck. */
export type Ending = 'failover' | 'no failover' | 'either';

export type EndOfFault = () => unknown;

/** Something that is done to a cluster under load, and what must come of it. */
export interface Fault {
  /** Default: failover. */
  readonly ending?: Ending;
  /** Done before there is any load. */
  readonly prepare?: (stage: Stage, cluster: TestCluster) => Promise<void>;
  /** Returns what ends the fault, if it does not end by itself; what it broke must come back by itself from then on. */
  readonly inject: (scene: Scene) => Promise<EndOfFault | undefined> | EndOfFault | undefined;
  /** Waits for what must show before the fault ends. Default: that another primary leads, or with another ending than that, that writes are acknowledged. */
  readonly shows?: (scene: Scene) => Promise<void>;
  /** How long the old primary is watched for writes that it acknowledges, before the fault ends and from then on. */
  readonly watchBeforeHealMs?: number;
  readonly watchMs?: number;
  readonly writesPerSecond?: number;
  /** Why the status can't explain what it did to writes. */
  readonly unexplainedBecause?: string;
}

/** Breaks the shared cluster some times, each time from full redundancy to full redundancy, under load. */
export async function faultRounds(stage: Stage, rounds: number, fault: Fault): Promise<void> {
  for (let round = 1; round <= rounds; round += 1) {
    const cluster = await stage.sharedCluster();
    await faultRound(stage, cluster, fault, `round ${round} of ${rounds}`);
  }
}

/** One fault, from a healthy cluster to a healthy cluster. */
export async function faultRound(stage: Stage, cluster: TestCluster, fault: Fault, title: string): Promise<void> {
  await cluster.waitFullyRedundant();
  await fault.prepare?.(stage, cluster);
  const before = await cluster.waitFullyRedundant();
  const pods = await cluster.pods();
  const primary = await cluster.pod(before.primary);
  const { nodeName } = primary.spec;
  const watch = await WriteWatch.start(stage, cluster, {
    ...(nodeName !== undefined && { avoidNode: nodeName }),
    ...(fault.writesPerSecond !== undefined && { writesPerSecond: fault.writesPerSecond }),
  });
  const server = await watch.load.currentServer();
  const status = await TopologyWatch.start(stage.env, cluster);
  const service = new ServiceWatch(stage.env, cluster);
  const unsteady = await watch.load.waitForSteadyRate();
  if (unsteady !== undefined) stage.log(`${title}: the load is not steady: ${unsteady}`);
  const replicas = pods.filter(({ metadata }) => metadata.name !== before.primary);
  const scene = { stage, cluster, primary, replicas, before, server, watch, status, faultMs: timestampMs() };
  try {
    await breakAndHeal(scene, fault);
    await judge(scene, fault, service, title);
  } finally {
    status.stop();
    service.stop();
  }
}

/** From the fault to its end. */
async function breakAndHeal(scene: Scene, fault: Fault): Promise<void> {
  const { ending = 'failover', inject, shows } = fault;
  const end = await inject(scene);
  try {
    await (shows ?? (ending === 'failover' ? takeOver : writesAgain))(scene);
    if (fault.watchBeforeHealMs !== undefined) await observeFor(fault.watchBeforeHealMs);
  } finally {
    await end?.();
  }
  if (fault.watchMs !== undefined) await observeFor(fault.watchMs);
  await writesAfterwards(scene);
}

/** Waits for full redundancy and compares what there is with what was promised. */
async function judge(scene: Scene, fault: Fault, service: ServiceWatch, title: string): Promise<void> {
  const { stage, cluster, before, watch, status, faultMs } = scene;
  const healedMs = timestampMs();
  const after = await cluster.waitFullyRedundant();
  const redundancyMs = timestampMs() - faultMs;
  stage.findings.addRedundancy(redundancyMs);
  judgeEnding(scene, fault.ending ?? 'failover', after);

  const { records } = await watch.finish();
  const outage = outageAfter(records, faultMs, Math.max(healedMs, faultMs + 1));
  stage.findings.addOutage(outage.outageMs);
  const split = after.primary === before.primary ? undefined : await service.split(after.primary, outage, records);
  if (split !== undefined) stage.findings.addSplit(split);
  if (fault.unexplainedBecause === undefined) {
    for (const { fromMs, toMs } of unexplainedSilences(records, status.sightings))
      stage.findings.complain(`writes stood still for ${Math.round(toMs - fromMs)} ms and the status did not say why`);
    for (const reason of untoldHolds(status.sightings, await status.warnings()))
      stage.findings.complain(`no event told of the hold ${reason}`);
  }
  stage.log(
    `${title}: ${before.primary} → ${after.primary}, outage ${Math.round(outage.outageMs)} ms, fully redundant after ${(redundancyMs / 1000).toFixed(1)} s`,
  );
}

function judgeEnding({ stage, before, status }: Scene, ending: Ending, after: Topology): void {
  const moved = after.primary === before.primary ? 0 : 1;
  const epochs = after.epoch - before.epoch;
  const isAsTold = ending === 'either' || (ending === 'failover' ? moved === 1 && epochs === 1 : epochs === 0);
  stage.findings.expect(
    isAsTold,
    `${ending} was expected: ${before.primary} → ${after.primary}, epoch ${before.epoch} → ${after.epoch}`,
  );
  stage.findings.addOutcome(epochs === 0 ? 'no failover' : epochs === 1 ? 'failover' : `${epochs} epochs on`);
  const holds = status.sightings.flatMap(({ hold }) => (hold === undefined ? [] : [hold.reason]));
  for (const reason of new Set(holds)) stage.findings.addOutcome(`held: ${reason}`);
}
