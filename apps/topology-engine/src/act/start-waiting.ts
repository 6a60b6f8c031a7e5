import type { Start } from '@pilotfish/topology';
import { AgentRefusal } from '../observe/agent-client.ts';
import type { PlanAgent } from './plan-member.ts';
import { type PlanContext, StepFailed } from './plan-run.ts';

const deadlineMs = 30_000;

/**
 * Carries out an order for a server that waits to start. What is recorded is confirmed between learning of the wait and the order: so
 * all that the server waits with is of before, and the boundary of this epoch is true of it, however late the order arrives.
 * @throws StepFailed, OutrunError
 */
export async function startWaiting(order: Start, context: PlanContext): Promise<void> {
  const { instance, wait } = order;
  const member = context.member(instance);
  if (!member?.agent) throw new StepFailed(`no agent is beside ${instance}`);
  await context.record.confirmEpoch();
  try {
    await give(order, member.agent, context);
  } catch (error: unknown) {
    if (!isOver(error, order)) throw error;
    context.logger.info({ instance, do: order.do }, 'the server no longer waits to start');
  }
  // Its agent's last report still says that it waits: the order would be given again.
  member.noteStartOrdered(wait);
}

async function give(order: Start, agent: PlanAgent, { logger, announce }: PlanContext): Promise<void> {
  const { instance, wait } = order;
  if (order.do === 'start') {
    await agent.start(wait, deadlineMs);
    return;
  }
  const gtids = await agent.rewind({ wait, source: order.source, received: order.received.toString() }, deadlineMs);
  logger.info({ instance, gtids, received: order.received.toString() }, 'rewound');
  if (gtids !== '') announce.event('instance-rewound', { instance, gtids });
}

/**
 * It had been told already, or had waited long enough: it has started, and what it is to do next is seen then. An agent of before says 409,
 * by which it also refuses to rewind.
 */
function isOver(error: unknown, order: Start): boolean {
  if (!(error instanceof AgentRefusal)) return false;
  return error.status === 410 || (error.status === 409 && order.do === 'start');
}
