import type { Start } from '@pilotfish/topology';
import { type PlanContext, StepFailed } from './plan-run.ts';

const deadlineMs = 30_000;

/**
 * Carries out an order for a server that waits to start. What is recorded is confirmed between learning of the wait and the order: so
 * all that the server waits with is of before, and the boundary of this epoch is true of it, however late the order arrives.
 * @throws StepFailed, OutrunError
 */
export async function startWaiting(order: Start, context: PlanContext): Promise<void> {
  const { instance, wait } = order;
  const agent = context.member(instance)?.agent;
  if (!agent) throw new StepFailed(`no agent is beside ${instance}`);
  await context.record.confirm();
  if (order.do === 'start') {
    await agent.start(wait, deadlineMs);
    return;
  }
  const gtids = await agent.rewind({ wait, source: order.source, received: order.received.toString() }, deadlineMs);
  context.logger.info({ instance, gtids, received: order.received.toString() }, 'rewound');
  if (gtids !== '') context.announce.event('instance-rewound', { instance, gtids });
}
