import type { TopologyStatus } from '@pilotfish/api';
import type { GtidSet } from '@pilotfish/gtid';
import {
  disableSemiSyncSource,
  enableSemiSyncReplica,
  enableSemiSyncSource,
  startReceiver,
  stopReceiver,
} from '@pilotfish/mysql';
import { type AckStep, heldBy, viewOf } from '@pilotfish/topology';
import { type PlanContext, StepFailed } from './plan-run.ts';

const deadlineMs = 3_000;
const holdDeadlineMs = 10_000;
const pollMs = 50;

type RecordedAckSet = TopologyStatus['ackSet'];

/** Takes one step of the ack set, in the order that keeps the record at least as demanding as what is in force. */
export async function applyAckStep(step: AckStep, context: PlanContext): Promise<void> {
  const { epoch, ackSet } = context.record.current;
  const record = (change: (current: RecordedAckSet) => RecordedAckSet) => recordInEpoch(epoch, change, context);
  switch (step.do) {
    case 'add-member':
      // It must hold what was acknowledged before it counts as somebody who would know.
      await untilHeld([step.instance], 1, context);
      await record((current) => ({ ...current, members: [...current.members, step.instance].sort() }));
      await setAcknowledging(step.instance, true, context);
      return;
    case 'enable-member':
      await setAcknowledging(step.instance, true, context);
      return;
    case 'silence-stranger':
      await setAcknowledging(step.instance, false, context);
      return;
    case 'raise-k':
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

async function silence(instance: string, context: PlanContext): Promise<void> {
  const evidence = context.snapshot().instances.find((candidate) => candidate.name === instance);
  if (viewOf(evidence)?.semiSyncReplica) await setAcknowledging(instance, false, context);
}

/** @throws StepFailed if the epoch that the step was decided in has ended */
async function recordInEpoch(
  epoch: number,
  change: (current: RecordedAckSet) => RecordedAckSet,
  context: PlanContext,
): Promise<void> {
  await context.record.update((current) => {
    if (current.epoch !== epoch || current.operation) throw new StepFailed('another primary is on its way');
    return { ackSet: change(current.ackSet) };
  });
  context.announce.event('ack-set-changed', context.record.current.ackSet);
}

/** The receiver takes the setting up when it starts. */
async function setAcknowledging(name: string, on: boolean, context: PlanContext): Promise<void> {
  const member = context.member(name);
  if (!member) throw new StepFailed(`${name} is not there`);
  const session = await member.watch.admin();
  await enableSemiSyncReplica(session, on, { deadlineMs });
  await stopReceiver(session, { deadlineMs });
  await startReceiver(session, { deadlineMs });
  member.watch.look();
}

async function enforce(k: number, context: PlanContext): Promise<void> {
  const member = context.member(context.record.current.primary);
  if (!member) throw new StepFailed('the primary is not there');
  const session = await member.watch.admin();
  if (k === 0) await disableSemiSyncSource(session, { deadlineMs });
  else await enableSemiSyncSource(session, k, { deadlineMs });
  member.watch.look();
}

/** Waits until `count` of these instances hold all that the primary has executed now. @throws StepFailed */
async function untilHeld(names: readonly string[], count: number, context: PlanContext): Promise<void> {
  const { clock } = context;
  const executed = await executedByPrimary(context);
  const giveUpAt = clock.nowMs() + holdDeadlineMs;
  const holding = (): number =>
    context.snapshot().instances.filter((instance) => {
      const view = viewOf(instance);
      return names.includes(instance.name) && view !== undefined && heldBy(view).contains(executed);
    }).length;
  while (holding() < count) {
    if (clock.nowMs() > giveUpAt) throw new StepFailed(`${names.join(', ')} do not hold yet what the primary has`);
    for (const name of names) context.member(name)?.watch.look();
    await clock.sleep(pollMs);
  }
}

async function executedByPrimary(context: PlanContext): Promise<GtidSet> {
  const member = context.member(context.record.current.primary);
  if (!member) throw new StepFailed('the primary is not there');
  return (await member.watch.observeNow()).executed;
}
