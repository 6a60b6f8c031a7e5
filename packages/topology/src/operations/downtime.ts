import { z } from 'zod';
import { defineOperation, instanceName, later } from './operation.ts';
import { orderPlan, recordOrders } from './order-plan.ts';
import { instance as known } from './predicates.ts';

/** The longest that an order may stand before it has to be given again, seconds: 30 days. */
export const longestSeconds = 30 * 86_400;

/** Announces that trouble with an instance is expected. */
export const downtime = defineOperation({
  name: 'downtime',
  summary: 'Announces that trouble with an instance is expected for some time.',
  description:
    'While it is primary nothing takes its place, and others are promoted before it. Ends by itself; 0 seconds end it now.',
  params: z.strictObject({
    instance: instanceName,
    seconds: z.int().min(0).max(longestSeconds).describe('from now; 0 ends it'),
  }),
  plan(snapshot, { instance, seconds }, ordered) {
    const target = known(snapshot, instance);
    if ('refused' in target) return target;
    const { by, reason } = ordered;
    const value = seconds === 0 ? null : { by, reason, until: later(ordered, seconds) };
    const what = seconds === 0 ? `the downtime of ${instance} ends` : `${instance} is in downtime`;
    return orderPlan(snapshot, what, ordered, {
      orders: { instances: [{ name: instance, downtime: value }] },
      steps: [recordOrders],
    });
  },
});
