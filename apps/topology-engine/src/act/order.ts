import { createHash } from 'node:crypto';
import type { TopologyStatus } from '@pilotfish/api';
import {
  findOperation,
  type OperationName,
  type Plan,
  type Refusal,
  type RefusalReason,
  type Snapshot,
} from '@pilotfish/topology';

/** What somebody wants done to a cluster. `params` have been checked against the operation's schema. */
export interface Order {
  readonly id: string;
  readonly operation: OperationName;
  readonly params: Readonly<Record<string, unknown>>;
  /** The user, as Kubernetes names them. */
  readonly by: string;
  readonly reason: string;
  /** The epoch that they had seen; another one now: stale. */
  readonly epoch?: number | undefined;
  /** The plan that they had seen; another one now: stale. */
  readonly planId?: string | undefined;
}

export interface OrderRefusal {
  readonly reason:
    | RefusalReason
    /** The epoch or the plan that the caller had seen is not the present one. */
    | 'StalePlan'
    /** Another plan runs, or is about to. */
    | 'OperationInProgress'
    /** The engine does not look after the cluster yet, or not any more. */
    | 'NotReady';
  readonly message: string;
}

export type PlannedOrder = { readonly plan: Plan; readonly planId: string } | { readonly refused: OrderRefusal };

/** The plan that an order comes to now. Changes nothing. */
export function planOrder(order: Order, snapshot: Snapshot, atMs: number): PlannedOrder {
  const { epoch } = snapshot.recorded;
  if (order.epoch !== undefined && order.epoch !== epoch) {
    return stale(`epoch ${String(order.epoch)} has ended: the present one is ${String(epoch)}`);
  }
  const planned: { readonly plan: Plan } | { readonly refused: Refusal } | undefined = findOperation(
    order.operation,
  )?.plan(snapshot, order.params, { by: order.by, reason: order.reason, atMs });
  if (!planned || 'refused' in planned) {
    return planned ?? { refused: { reason: 'BadRequest', message: `there is no operation ${order.operation}` } };
  }
  const planId = planIdOf(planned.plan, epoch);
  if (order.planId !== undefined && order.planId !== planId) {
    return stale(`the plan is another one by now (${planId}): look at it again`);
  }
  return { plan: planned.plan, planId };
}

const stale = (message: string): PlannedOrder => ({ refused: { reason: 'StalePlan', message } });

/** The same for the same steps on the same instances in the same epoch, whoever orders them and when. */
export function planIdOf({ kind, from, to, steps }: Plan, epoch: TopologyStatus['epoch']): string {
  const parts = steps.map(({ do: what, instance, source }) => [what, instance, source]);
  return createHash('sha256')
    .update(JSON.stringify([epoch, kind, from, to, parts]))
    .digest('hex')
    .slice(0, 16);
}
