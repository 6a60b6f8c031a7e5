import { type Plan, type Step, step } from '../plan.ts';
import { instanceNamed, type Snapshot, viewOf } from '../snapshot.ts';
import type { OrderedBy } from './operation.ts';
import type { OrdersChange } from './orders.ts';

/** A plan that leaves the primary where it is. */
export function orderPlan(
  snapshot: Snapshot,
  what: string,
  { by, reason }: OrderedBy,
  { orders, steps = [] }: { readonly orders?: OrdersChange; readonly steps?: readonly Step[] },
): { readonly plan: Plan } {
  const { primary, ackSet } = snapshot.recorded;
  return {
    plan: {
      kind: 'order',
      from: primary,
      to: primary,
      reason: `${what}, ordered by ${by}${reason === '' ? '' : `: ${reason}`}`,
      previousAckSet: ackSet,
      ...(orders && { orders }),
      steps,
    },
  };
}

export const recordOrders: Step = step('record-orders', 5_000);

/**
 * Out of the ack set first, if it is in it: what it acknowledged is elsewhere then. One that does not answer can't be told to
 * acknowledge nothing; it leaves once its server is gone.
 */
export function leaveAckSet(snapshot: Snapshot, instance: string): readonly Step[] {
  const answers = viewOf(instanceNamed(snapshot, instance)) !== undefined;
  const isMember = snapshot.recorded.ackSet.members.includes(instance);
  return answers && isMember ? [{ ...step('leave-ack-set', 15_000), instance }] : [];
}
