import { GtidSet } from '@pilotfish/gtid';
import { killUserSessions, setSuperReadOnly, startApplier, stopReceiver, waitForGtid } from '@pilotfish/mysql';
import { messageOf } from '@pilotfish/service';
import { instancePolicy, viewOf } from '@pilotfish/topology';
import { operatorAccounts } from '../../operator-accounts.ts';
import { closeBySql } from '../close-by-sql.ts';
import type { PlanMember } from '../plan-member.ts';
import { type PlanRun, StepFailed } from '../plan-run.ts';
import { follow } from '../replication.ts';

const catchUpSeconds = 3;
/** What the instance that was ordered to lead may take to get what it lacks, while nobody takes writes. */
const insistSeconds = 10;
/** A candidate that has what the old primary had so long ago is near enough. */
const nearMs = 20;

/**
 * Lets the candidate apply what the old primary has now, and then what came meanwhile, until that takes but a moment: so
 * little is left when nobody takes writes.
 */
export async function catchUp(run: PlanRun): Promise<void> {
  const { clock } = run.context;
  const old = run.need(run.plan.from);
  const session = await run.need(run.candidate).watch.admin();
  const giveUpAt = clock.nowMs() + catchUpSeconds * 1_000;
  for (let isFirst = true; ; isFirst = false) {
    const startedAt = clock.nowMs();
    const { executed } = await old.watch.observeNow();
    const leftSeconds = Math.max(giveUpAt - clock.nowMs(), nearMs) / 1_000;
    const isThere = await waitForGtid(session, executed.toString(), isFirst ? catchUpSeconds : leftSeconds);
    if (isFirst && !isThere) throw new StepFailed(`${run.candidate} is more than ${catchUpSeconds} s behind`);
    // One that does not come nearer is as near as it gets: what is left is waited for by the drain.
    if (clock.nowMs() - startedAt <= nearMs || clock.nowMs() >= giveUpAt) return;
  }
}

/**
 * Puts the siblings under the candidate while the old primary still takes writes, so that they are there to acknowledge
 * when the candidate opens. As many stay behind as the old primary needs to acknowledge for it.
 */
export async function moveSiblings(run: PlanRun, deadlineMs: number): Promise<void> {
  const { plan, context } = run;
  const { members, k } = plan.previousAckSet;
  const candidate = run.need(run.candidate);
  const siblings = context
    .snapshot()
    .instances.filter((instance) => instance.name !== plan.from && instance.name !== run.candidate && !instance.leaving)
    .filter((instance) => viewOf(instance)?.replication?.receiver === 'ON')
    .filter((instance) => instancePolicy(context.snapshot().policy, instance.name).follows === undefined);
  const stayBehind = Math.max(k - (members.includes(run.candidate) ? 1 : 0), 0);
  const moving = siblings.slice(0, Math.max(siblings.length - stayBehind, 0));
  // The plan goes on without those that are late, and re-points them later: nothing of this may come in between then.
  const signal = AbortSignal.timeout(deadlineMs);
  await Promise.allSettled(
    moving.map(async ({ name }) =>
      follow(run.need(name), {
        source: candidate,
        isMember: members.includes(name),
        credentials: context.credentials,
        deadlineMs,
        signal,
      }),
    ),
  );
}

/** Closes the old primary and reads what it ended with: what the candidate must have. Its clients are sent away. */
export async function closeOld(run: PlanRun): Promise<void> {
  const { plan, context } = run;
  const old = run.need(plan.from);
  const session = await old.watch.admin();
  const deadline = { deadlineMs: 1_200 };
  await setSuperReadOnly(session, deadline);
  const observation = await session.observe(deadline);
  run.mustApply = GtidSet.parse(observation.gtidExecuted);
  const { operator, replication } = context.credentials;
  const exceptUsers = [...operatorAccounts, operator.user, replication.user];
  killUserSessions(session, { exceptUsers }, { deadlineMs: 5_000 }).catch((error: unknown) => {
    context.logger.info({ instance: old.name, err: messageOf(error) }, 'clients of the old primary were not sent away');
  });
}

/**
 * Kills the old primary's server by the agent beside it; without an agent it is closed by SQL. A server that can't be
 * reached is fenced by the stopped receivers.
 */
export async function fenceOld(run: PlanRun, deadlineMs: number): Promise<void> {
  const { plan, context } = run;
  const old = context.member(plan.from);
  // A stranger at its address is nobody to kill.
  if (!old || contactWith(run, plan.from) === 'impostor') return;
  // One that refuses connections has no server to kill; its agent would only end the one that is starting.
  if (old.watch.contact().kind === 'refused') return;
  if (!old.agent) {
    if (old.watch.contact().kind !== 'observed') return;
    await closeBySql(old, context.credentials);
  } else await old.agent.fence(`${plan.kind} to ${run.candidate}: ${plan.reason}`, deadlineMs);
  context.announce.event('primary-fenced', { instance: plan.from });
}

const contactWith = ({ context }: PlanRun, name: string): string | undefined =>
  context.snapshot().instances.find((instance) => instance.name === name)?.contact.kind;

/**
 * Where no acknowledgement fences the old primary: its agent kills its server and says so, or its port refuses.
 * @throws StepFailed, or what the call to the agent failed with
 */
export async function proveFence(run: PlanRun, deadlineMs: number): Promise<void> {
  if (contactWith(run, run.plan.from) === 'impostor') throw new StepFailed('another server answers at its address');
  run.need(run.plan.from);
  await fenceOld(run, deadlineMs);
}

/** Waits until the candidate has applied all that it must, some of which it may first have to get from another instance. */
export async function drain(run: PlanRun, deadlineMs: number): Promise<void> {
  const candidate = run.need(run.candidate);
  const view = candidate.watch.lastView;
  if (view?.executed.contains(run.mustApply)) return;
  if (run.via !== undefined) await fetchFrom(run, run.need(run.via));
  const session = await candidate.watch.admin();
  if (view?.replication?.applier === 'OFF') await startApplier(session, { deadlineMs: 5_000 });
  // Another one could lead at once: when the operation is taken up again, nobody insists any more.
  const isToHurry = run.plan.insists && run.via !== undefined;
  const seconds = isToHurry ? insistSeconds : Math.max(deadlineMs - 1_000, 1_000) / 1_000;
  if (!(await waitForGtid(session, run.mustApply.toString(), seconds))) {
    throw new StepFailed(`${candidate.name} did not apply what it holds within ${String(seconds)} s`);
  }
  if (run.via !== undefined) await stopReceiver(session, { deadlineMs: 5_000 });
}

/** Lets the candidate receive from an instance that may not lead and holds more. Both are closed: that does not grow. */
async function fetchFrom(run: PlanRun, source: PlanMember): Promise<void> {
  const candidate = run.need(run.candidate);
  run.context.logger.info({ instance: candidate.name, source: source.name }, 'gets from another what it lacks');
  await follow(candidate, {
    source,
    isMember: candidate.watch.lastView?.semiSyncReplica ?? false,
    credentials: run.context.credentials,
    deadlineMs: 5_000,
  });
}
