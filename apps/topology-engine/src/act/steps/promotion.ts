import {
  enableSemiSyncReplica,
  enableSemiSyncSource,
  openWithAcks,
  openWrites,
  resetReplication,
  stopReplication,
} from '@pilotfish/mysql';
import { heldBy, instancePolicy, viewOf } from '@pilotfish/topology';
import { seenInstances } from '../../record/seen-instances.ts';
import { formerPrimaryStatus } from '../../record/topology-record.ts';
import { type PlanRun, StepFailed } from '../plan-run.ts';
import { follow, hasSource } from '../replication.ts';
import { changeOfPrimary } from './recording.ts';

const statementMs = 5_000;

/**
 * The agent makes the first instance's accounts and databases; idempotent. Without an agent they are the user's, and a blank
 * server gets its first transaction, so that it can be told from one that lost its data.
 */
export async function prepareFirst(run: PlanRun, deadlineMs: number): Promise<void> {
  const { agent, watch } = run.need(run.candidate);
  if (agent) {
    await agent.bootstrap(deadlineMs);
    return;
  }
  if (!(await watch.observeNow()).executed.isEmpty()) return;
  const session = await watch.admin();
  await openWrites(session, { deadlineMs: statementMs });
  await session.query('CREATE DATABASE IF NOT EXISTS sys_operator', [], { deadlineMs: statementMs });
}

/** Makes the candidate's commits wait for k acknowledgements, and opens it. */
export async function promote(run: PlanRun): Promise<void> {
  const { context } = run;
  const { watch } = run.need(run.candidate);
  const session = await watch.admin();
  const deadline = { deadlineMs: statementMs };
  const { k } = run.ackSet;
  const { readOnly } = context.snapshot();
  run.opened = true;
  if (k > 0) await (readOnly ? enableSemiSyncSource : openWithAcks)(session, k, deadline);
  else if (!readOnly) await openWrites(session, deadline);
  run.openedAfterMs = run.elapsedMs;
  // What was seen of it before says that it is closed.
  await watch.observeNow();
}

/** Takes the new primary out of replication. It held everything when it was opened, and its former source is closed. */
export async function detach(run: PlanRun): Promise<void> {
  const session = await run.need(run.candidate).watch.admin();
  const deadline = { deadlineMs: statementMs };
  if (await hasSource(session, statementMs)) {
    await stopReplication(session, deadline);
    await resetReplication(session, deadline);
  }
  await enableSemiSyncReplica(session, false, deadline);
}

/** Tells it at once on the bus (the epoch is recorded already), then records that the primary is open. */
export async function publish(run: PlanRun): Promise<void> {
  const { context, plan } = run;
  const { epoch } = run.topology;
  context.announce.event('primary-opened', { primary: run.candidate, epoch, previous: plan.from, kind: plan.kind });
  if (plan.kind === 'bootstrap') context.announce.event('bootstrapped', { primary: run.candidate });
  await context.record.update({
    writable: true,
    initialized: true,
    ...changeOfPrimary(run),
    ...(run.formerPrimary && { formerPrimary: formerPrimaryStatus(run.formerPrimary) }),
  });
}

/** What was seen when the receivers were stopped is not asked again within so long: commits wait for the answer. */
const seenCountsMs = 500;

/** Puts the instances that were seen under the new primary, all at once. Those that fail are left to the repair loop. */
export async function rePoint(run: PlanRun, deadlineMs: number): Promise<void> {
  const { context } = run;
  const source = run.need(run.candidate);
  const members = context.members().filter((member) => member !== source && isToFollow(run, member.name));
  const results = await Promise.allSettled(
    members.map(async (member) => {
      const isMember = run.ackSet.members.includes(member.name);
      const { credentials, clock } = context;
      const seen = run.seen.get(member.name);
      const isFresh = seen !== undefined && clock.nowMs() - seen.atMs < seenCountsMs;
      const mustHold = run.mustApply.isEmpty() ? {} : { mustHold: run.mustApply };
      await follow(member, { source, isMember, ...mustHold, ...(isFresh && { seen }), credentials, deadlineMs });
      context.announce.event('instance-attached', { instance: member.name, source: source.name });
    }),
  );
  const failed = results.filter((result) => result.status === 'rejected').length;
  if (failed > 0)
    throw new StepFailed(
      `${String(failed)} of ${String(members.length)} instances could not be put under ${source.name}`,
    );
}

function isToFollow(run: PlanRun, name: string): boolean {
  const instance = run.context.snapshot().instances.find((candidate) => candidate.name === name);
  const view = viewOf(instance);
  if (!instance || !view || instance.ending || view.executed.isEmpty()) return false;
  const { address } = run.need(run.candidate);
  if (view.replication?.sourceHost === address && view.replication.receiver === 'ON') return false;
  if (followsAnother(run, name)) return false;
  // A failed primary may have diverged: the repair loop looks first.
  return name !== run.plan.from || run.plan.kind === 'switchover';
}

/** Put under another instance by order, which is there: the repair loop starts it again where it was. */
function followsAnother({ context, candidate }: PlanRun, name: string): boolean {
  const { policy, instances } = context.snapshot();
  const { follows } = instancePolicy(policy, name);
  return (
    follows !== undefined &&
    follows !== candidate &&
    viewOf(instances.find((one) => one.name === follows)) !== undefined
  );
}

const settlePollMs = 50;
/** So long the record waits for instances on their way: written before, it would take them from the readers for a moment. */
const attachMs = 1_000;

/**
 * Ends the operation. Until k members of the new ack set hold what the new primary opened with, the previous set binds:
 * were the new primary lost now, only that one would tell where its acknowledged commits are. Members that don't get there
 * in time are left out.
 */
export async function settle(run: PlanRun, deadlineMs: number): Promise<void> {
  const { context } = run;
  const { clock, record } = context;
  const giveUpAt = clock.nowMs() + deadlineMs - 500;
  let holding = holders(run);
  while (holding.length < run.ackSet.k && clock.nowMs() < giveUpAt) {
    for (const name of run.ackSet.members) context.member(name)?.watch.look();
    await clock.sleep(settlePollMs);
    holding = holders(run);
  }
  await awaitAttached(run, Math.min(giveUpAt, clock.nowMs() + attachMs));
  const instances = seenInstances(context.snapshot(), record.current);
  const { ackSet } = run;
  if (holding.length >= ackSet.k) {
    await record.endOperation({ instances });
  } else {
    const k = context.snapshot().durability === 'required' ? ackSet.k : holding.length;
    await record.endOperation({ instances, ackSet: { members: holding, k } });
  }
  announceEnd(run);
}

/** Until the members of the ack set are seen to receive from the new primary, or that time. */
async function awaitAttached(run: PlanRun, giveUpAt: number): Promise<void> {
  const { context } = run;
  const { clock, record } = context;
  const isOnItsWay = (name: string): boolean =>
    seenInstances(context.snapshot(), record.current).some(
      (seen) => seen.name === name && seen.serving && !seen.attached,
    );
  for (;;) {
    const waiting = run.ackSet.members.filter(isOnItsWay);
    if (waiting.length === 0 || clock.nowMs() >= giveUpAt) return;
    for (const name of waiting) context.member(name)?.watch.look();
    await clock.sleep(settlePollMs);
  }
}

function holders(run: PlanRun): string[] {
  const instances = run.context.snapshot().instances;
  return run.ackSet.members.filter((name) => {
    const view = viewOf(instances.find((instance) => instance.name === name));
    return view !== undefined && heldBy(view).contains(run.mustApply);
  });
}

function announceEnd(run: PlanRun): void {
  const { plan, context } = run;
  if (plan.kind !== 'failover' && plan.kind !== 'switchover') return;
  const data = { from: plan.from, to: run.candidate, epoch: run.topology.epoch, durationMs: run.openedAfterMs };
  context.announce.event(plan.kind === 'failover' ? 'failover-completed' : 'switchover-completed', data);
}
