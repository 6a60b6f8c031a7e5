import { z } from 'zod';
import { longestSeconds } from './downtime.ts';
import { defineOperation, later } from './operation.ts';
import { orderPlan, recordOrders } from './order-plan.ts';

/** Keeps the engine from failing over by itself. */
export const pause = defineOperation({
  name: 'pause',
  summary: 'No failover by itself until it is resumed. What somebody orders is done all the same.',
  description: 'Repairs of replicas go on. Given again, it counts anew.',
  params: z.strictObject({
    seconds: z.int().min(1).max(longestSeconds).optional().describe('from now; left out: until it is resumed'),
  }),
  plan(snapshot, { seconds }, ordered) {
    const { by, reason } = ordered;
    const until = seconds === undefined ? {} : { until: later(ordered, seconds) };
    return orderPlan(snapshot, 'failovers are paused', ordered, {
      orders: { paused: { by, reason, ...until } },
      steps: [recordOrders],
    });
  },
});

/** Ends a pause. */
export const resume = defineOperation({
  name: 'resume',
  summary: 'Ends a pause that was ordered. One in the spec stays.',
  description: 'Also right when no pause was ordered: then nothing changes.',
  params: z.strictObject({}),
  plan: (snapshot, _params, ordered) =>
    orderPlan(snapshot, 'failovers are resumed', ordered, { orders: { paused: null }, steps: [recordOrders] }),
});
