import type { TopologyStatus } from '@pilotfish/api';
import { GtidSet } from '@pilotfish/gtid';
import {
  disableSemiSyncSource,
  enableSemiSyncReplica,
  enableSemiSyncSource,
  loggedGtids,
  type SqlSession,
  startReceiver,
  stopReceiver,
} from '@pilotfish/mysql';
import { type AckStep, heldBy, viewOf } from '@pilotfish/topology';
import type { PlanMember } from './plan-member.ts';
import { StepFailed, type TaskContext } from './plan-run.ts';

const deadlineMs = 3_000;
const holdDeadlineMs = 10_000;
const pollMs = 50;

type RecordedAckSet = TopologyStatus['ackSet'];

/** Takes one step of the ack set, in the order that keeps the record at least as demanding as what is in force. */
export async function applyAckStep(step: AckStep, context: TaskContext): Promise<void> {
  const { epoch, ackSet } = context.record.current;
  const record = (change: (current: RecordedAckSet) => RecordedAckSet) => recordInEpoch(epoch, change, context);
  switch (step.do) {
    case 'add-member': {
      // It must hold what was acknowledged before it counts as somebody who would know.
      const told = await talkTo(step.instance, context);
      await untilHeld([step.instance], 1, context);
      await record((current) => ({ ...current, members: [...current.members, step.instance].sort() }));
      await setAcknowledging(told, true, context);
      return;
    }
    case 'enable-member': {
      // Its server was restarted: what it had received and not applied is gone, and has to be there again first.
      const told = await talkTo(step.instance, context);
      await untilHeld([step.instance], 1, context);
      await setAcknowledging(told, true, context);
      return;
    }
    case 'silence-stranger':
      await setAcknowledging(await talkTo(step.instance, context), false, context);
      return;
    case 'raise-k':
      // Commits would wait for members that don't keep up.
      await untilHeld(ackSet.members, step.k, context);
      await enforce(step.k, context);
      // Commits of before were on fewer members: they must be on k as well before fewer members need to be seen.
      await untilHeld(ackSet.members, step.k, context);
      await record((current) => ({ ...current, k: step.k }));
      return;
    case 'lower-k':
      await record((current) => ({ ...current, k: step.k }));
      await enforce(step.k, context);
      return;
    case 'enforce-k':
      await enforce(step.k, context);
      return;
    case 'remove-member':
      await silence(step.instance, context);
      await untilHeld(without(step.instance, ackSet.members), ackSet.k, context);
      await record((current) => ({ ...current, members: without(step.instance, current.members) }));
      return;
    default:
      step satisfies never;
  }
}

const without = (instance: string, members: readonly string[]): string[] => members.filter((name) => name !== instance);

async function silence(instance: string, context: TaskContext): Promise<void> {
  const evidence = context.snapshot().instances.find((candidate) => candidate.name === instance);
  if (viewOf(evidence)?.semiSyncReplica) await setAcknowledging(await talkTo(instance, context), false, context);
}

/** @throws StepFailed if the epoch that the step was decided in has ended */
async function recordInEpoch(
  epoch: number,
  change: (current: RecordedAckSet) => RecordedAckSet,
  context: TaskContext,
): Promise<void> {
  context.signal.throwIfAborted();
  await context.record.update((current) => {
    if (current.epoch !== epoch || current.operation) throw new StepFailed('another primary is on its way');
    return { ackSet: change(current.ackSet) };
  });
  context.announce.event('ack-set-changed', context.record.current.ackSet);
}

/** A session ends when its server does: what was seen of that server is not done to its next life. */
interface Told {
  readonly member: PlanMember;
  readonly session: SqlSession;
}

async function talkTo(name: string, context: TaskContext): Promise<Told> {
  const member = context.member(name);
  if (!member) throw new StepFailed(`${name} is not there`);
  return { member, session: await member.watch.admin() };
}

/** The receiver takes the setting up when it starts. */
async function setAcknowledging({ member, session }: Told, on: boolean, { signal }: TaskContext): Promise<void> {
  for (const statement of [
    () => enableSemiSyncReplica(session, on, { deadlineMs }),
    () => stopReceiver(session, { deadlineMs }),
    () => startReceiver(session, { deadlineMs }),
  ]) {
    signal.throwIfAborted();
    await statement();
  }
  await member.watch.observeNow(session);
}

async function enforce(k: number, context: TaskContext): Promise<void> {
  const member = context.member(context.record.current.primary);
  if (!member) throw new StepFailed('the primary is not there');
  const session = await member.watch.admin();
  context.signal.throwIfAborted();
  if (k === 0) await disableSemiSyncSource(session, { deadlineMs });
  else await enableSemiSyncSource(session, k, { deadlineMs });
  member.watch.look();
}

/**
 * Waits until `count` of these instances hold all that is in the primary's binary log now: also what still waits, because an
 * acknowledgement that it has already may be one that does not count any more. @throws StepFailed
 */
async function untilHeld(names: readonly string[], count: number, context: TaskContext): Promise<void> {
  const { clock } = context;
  // A former owner can take away nothing of what is counted.
  await Promise.allSettled(names.flatMap((name) => context.member(name)?.watch.admin() ?? []));
  const logged = await loggedByPrimary(context);
  const giveUpAt = clock.nowMs() + holdDeadlineMs;
  const holding = (): number =>
    context.snapshot().instances.filter((instance) => {
      const view = viewOf(instance);
      return names.includes(instance.name) && view !== undefined && heldBy(view).contains(logged);
    }).length;
  while (holding() < count) {
    if (clock.nowMs() > giveUpAt) throw new StepFailed(`${names.join(', ')} do not hold yet what the primary has`);
    for (const name of names) context.member(name)?.watch.look();
    await clock.sleep(pollMs);
  }
}

async function loggedByPrimary(context: TaskContext): Promise<GtidSet> {
  const member = context.member(context.record.current.primary);
  if (!member) throw new StepFailed('the primary is not there');
  const { executed, waiting } = await loggedGtids(await member.watch.admin(), { deadlineMs });
  return GtidSet.parse(executed).union(GtidSet.parse(waiting));
}
