import type { TopologyStatus } from '@pilotfish/api';
import { type AckSet, ackersFor, viewOf } from '@pilotfish/topology';
import type { PlanRun } from '../plan-run.ts';

/** Writes the intent of a switchover down; the primary of this epoch stays open. */
export async function recordIntent(run: PlanRun): Promise<void> {
  const { epoch } = run.topology;
  await run.context.record.update({ operation: operation(run, 'preparing', epoch + 1) });
  announceStart(run, epoch + 1);
}

/** Writes the new epoch down. From here on only the engine that wrote it may act. */
export async function recordEpoch(run: PlanRun): Promise<void> {
  const epoch = run.topology.epoch + 1;
  const announced = run.topology.operation !== undefined;
  await run.context.record.update({
    primary: run.candidate,
    epoch,
    writable: false,
    ackSet: ackSetOfNewEpoch(run),
    operation: operation(run, 'switching', epoch),
    formerPrimary: undefined,
  });
  if (!announced) announceStart(run, epoch);
}

export async function confirmEpoch(run: PlanRun): Promise<void> {
  await run.context.record.confirmEpoch();
}

/** Writes the ack set down under which the candidate will open, unless it is the recorded one already. */
export async function recordAckSet(run: PlanRun): Promise<void> {
  // An operation that was taken up here did not drain: what the candidate has is what it opens, or has opened, with.
  if (run.mustApply.isEmpty()) run.mustApply = (await run.need(run.candidate).watch.observeNow()).executed;
  const ackSet = ackSetOfNewEpoch(run);
  if (run.topology.primary === run.candidate && sameAckSet(ackSet, run.ackSet)) return;
  const recorded = run.topology.operation;
  await run.context.record.update({
    primary: run.candidate,
    ackSet,
    ...(recorded && { operation: { ...recorded, to: run.candidate } }),
  });
}

/** What is remembered of a change of primary: the last one, and of each instance when it last failed. */
export function changeOfPrimary({ plan, candidate, topology, context }: PlanRun): Partial<TopologyStatus> {
  const { kind, from } = plan;
  if (kind !== 'failover' && kind !== 'switchover') return {};
  const { epoch, failures = [] } = topology;
  const at = context.clock.wall().toISOString();
  const lastFailover = { at, epoch, from, to: candidate, kind };
  // Taken back: the instance that failed leads again, and nobody was opened in its place.
  if (kind === 'switchover' || candidate === from) return { lastFailover };
  return { lastFailover, failures: [...failures.filter(({ name }) => name !== from), { name: from, at, epoch }] };
}

/**
 * Who acknowledges for the new primary: those that can be put under it now. A leaving instance is left out, and so is a
 * primary that failed; one that hands over is kept.
 */
function ackSetOfNewEpoch(run: PlanRun): TopologyStatus['ackSet'] {
  const snapshot = run.context.snapshot();
  const stays = run.plan.kind === 'switchover' ? undefined : run.plan.from;
  const { mayAcknowledge, wantedK } = ackersFor(snapshot, run.candidate);
  const members = snapshot.instances
    .filter((instance) => instance.name !== run.candidate && instance.name !== stays && !instance.leaving)
    .filter(mayAcknowledge)
    .filter((instance) => (run.seen.size > 0 ? run.seen.has(instance.name) : viewOf(instance) !== undefined))
    .filter((instance) => viewOf(instance)?.executed.isEmpty() === false)
    .map((instance) => instance.name)
    .sort();
  // A new cluster starts with its first instance alone; k grows as replicas join.
  if (run.plan.kind === 'bootstrap') return { members: [], k: 0 };
  return { members, k: snapshot.durability === 'required' ? wantedK : Math.min(wantedK, members.length) };
}

function sameAckSet(a: AckSet, b: AckSet): boolean {
  return a.k === b.k && [...a.members].sort().join() === [...b.members].sort().join();
}

function operation(run: PlanRun, phase: 'preparing' | 'switching', epoch: number): TopologyStatus['operation'] {
  const { plan, context } = run;
  if (plan.kind === 'reopen' || plan.kind === 'order') return undefined;
  return {
    id: run.topology.operation?.id ?? `${plan.kind}-${String(epoch)}`,
    kind: plan.kind,
    from: plan.from,
    to: run.candidate,
    phase,
    startedAt: run.topology.operation?.startedAt ?? context.clock.wall().toISOString(),
    reason: plan.reason.slice(0, 1_000),
    engine: context.engine,
    previousAckSet: { members: [...plan.previousAckSet.members], k: plan.previousAckSet.k },
  };
}

function announceStart(run: PlanRun, epoch: number): void {
  const { plan, context } = run;
  if (plan.kind !== 'failover' && plan.kind !== 'switchover') return;
  const data = { from: plan.from, to: run.candidate, epoch, operationId: run.operationId };
  if (plan.kind === 'failover') {
    context.announce.event('primary-failed', { instance: plan.from, epoch: epoch - 1, reason: plan.reason });
    context.announce.event('failover-started', data);
  } else {
    context.announce.event('switchover-started', data);
  }
}
