import type { TopologyStatus } from '@pilotfish/api';
import { changeOrders, errantOf, instanceNamed, type Step, viewOf } from '@pilotfish/topology';
import { applyAckStep } from '../apply-ack-step.ts';
import { holdInstance } from '../hold-instance.ts';
import { type PlanRun, StepFailed } from '../plan-run.ts';
import { follow } from '../replication.ts';

const pollMs = 50;

/** Writes the plan's orders down: from here on every decision regards them. */
export async function recordOrders(run: PlanRun): Promise<void> {
  const { orders: change } = run.plan;
  if (!change) throw new StepFailed('the plan has no orders');
  run.replacedOrders = { orders: run.topology.orders };
  await run.context.record.update(({ orders }) => ({
    orders: changeOrders(orders, change) as NonNullable<TopologyStatus['orders']>,
  }));
}

export async function leaveAckSet(run: PlanRun, deadlineMs: number, step: Step): Promise<void> {
  const context = { ...run.context, signal: AbortSignal.timeout(deadlineMs) };
  await applyAckStep({ do: 'remove-member', instance: instanceOf(step) }, context);
}

/** Puts an instance under its new source, and sees that it arrives there. */
export async function reParent(run: PlanRun, deadlineMs: number, step: Step): Promise<void> {
  const { context, topology } = run;
  const member = run.need(instanceOf(step));
  const source = run.need(sourceOf(step));
  const isMember = source.name === topology.primary && topology.ackSet.members.includes(member.name);
  await follow(member, { source, isMember, credentials: context.credentials, deadlineMs });
  const giveUpAt = context.clock.nowMs() + deadlineMs - 500;
  for (;;) {
    const { replication } = await member.watch.observeNow();
    if (replication?.receiver === 'ON') break;
    if (context.clock.nowMs() > giveUpAt) {
      const why = replication?.receiverError || `its receiver is ${replication?.receiver ?? 'not configured'}`;
      throw new StepFailed(`${member.name} does not receive from ${source.name}: ${why}`);
    }
    await context.clock.sleep(pollMs);
  }
  context.announce.event('instance-attached', { instance: member.name, source: source.name });
}

/** Has the agent begin a copy; what only this instance has is saved first. */
export async function rebuild(run: PlanRun, deadlineMs: number, step: Step): Promise<void> {
  const { context } = run;
  const member = run.need(instanceOf(step));
  const { name: donor, host: donorHost, port: donorPort } = run.need(sourceOf(step));
  const snapshot = context.snapshot();
  const view = viewOf(instanceNamed(snapshot, member.name));
  const primary = viewOf(instanceNamed(snapshot, snapshot.recorded.primary));
  if (!primary || !view) {
    const silent = primary ? member.name : 'the primary';
    throw new StepFailed(`${silent} does not answer: what only ${member.name} has can not be told`);
  }
  const errant = errantOf(view, primary);
  const saveErrant = errant.isEmpty() ? {} : { saveErrant: errant.toString() };
  const { reason } = run.plan;
  if (!member.agent) throw new StepFailed(`no agent is beside ${member.name}`);
  await context.record.confirm();
  await member.agent.clone({ donorHost, donorPort, reason, ...saveErrant }, deadlineMs);
  member.noteCloneOrdered();
  context.announce.event('instance-reclone-started', { instance: member.name, donor, reason });
}

/** Takes an instance's server out of service until `release`. */
export async function hold(run: PlanRun, deadlineMs: number, step: Step): Promise<void> {
  await holdInstance(run.need(instanceOf(step)), run.plan.reason, run.context.credentials, deadlineMs);
}

export async function release(run: PlanRun, deadlineMs: number, step: Step): Promise<void> {
  // Without an agent nothing holds it down but the order, which is taken back.
  await run.need(instanceOf(step)).agent?.release(deadlineMs);
}

/** Looks at every instance now; one that does not answer is seen not to. */
export async function look(run: PlanRun): Promise<void> {
  await Promise.allSettled(run.context.members().map((member) => member.watch.observeNow()));
}

function instanceOf({ instance }: Step): string {
  if (instance === undefined) throw new StepFailed('the step names no instance');
  return instance;
}

function sourceOf({ source }: Step): string {
  if (source === undefined) throw new StepFailed('the step names no source');
  return source;
}
