import { openWithAcks, openWrites } from '@pilotfish/mysql';
import { messageOf } from '@pilotfish/service';
import { mayHandBack } from '@pilotfish/topology';
import { OutrunError } from '../tenure.ts';
import type { PlanRun } from './plan-run.ts';

const openDeadline = { deadlineMs: 2_000 };

/**
 * Takes back a plan that failed before anybody was opened: the old primary leads again, under a new epoch, and is opened if
 * it answers; receivers that were stopped are started again by the repair loop. One that was taken up stays recorded, and is
 * decided on anew, unless it is certain that nobody was opened in between, or that nothing was acknowledged then.
 */
export async function undo(run: PlanRun, failure: Error): Promise<void> {
  const { plan, context } = run;
  const { logger, record } = context;
  context.announce.event('operation-failed', {
    operationId: run.operationId,
    kind: plan.kind,
    reason: failure.message,
  });
  if (plan.kind === 'order') {
    await undoOrder(run);
    return;
  }
  if (plan.kind === 'bootstrap' || plan.kind === 'reopen' || !record.current.operation) return;
  const recordedEpoch = record.current.operation.phase === 'switching';
  if (recordedEpoch && run.isTakenUp && !mayHandBack(context.snapshot(), plan.from)) {
    logger.warn({ from: plan.from }, 'not taken back: another one may have led for a moment');
    return;
  }
  try {
    const back = recordedEpoch ? { primary: plan.from, epoch: record.current.epoch + 1, writable: false } : {};
    await record.endOperation({
      ...back,
      formerPrimary: undefined,
      ackSet: { members: [...plan.previousAckSet.members], k: plan.previousAckSet.k },
    });
    const old = context.member(plan.from);
    if (plan.kind === 'switchover' && old && !context.snapshot().readOnly) {
      const session = await old.watch.admin();
      const { k } = plan.previousAckSet;
      await (k > 0 ? openWithAcks(session, k, openDeadline) : openWrites(session, openDeadline));
    }
  } catch (error: unknown) {
    if (error instanceof OutrunError) throw error;
    logger.warn({ err: messageOf(error) }, 'the old primary was not opened again; the next look decides');
  }
}

/** The orders of before are in force again, and with them the repair loop brings back what was moved. */
async function undoOrder({ plan, context, replacedOrders }: PlanRun): Promise<void> {
  if (replacedOrders) await context.record.update({ orders: replacedOrders.orders });
  for (const { do: what, instance = '', deadlineMs } of plan.steps) {
    if (what === 'hold') await context.member(instance)?.agent?.release(deadlineMs);
  }
}
