import { z } from 'zod';
import { defineOperation, instanceName } from './operation.ts';
import { orderPlan, recordOrders } from './order-plan.ts';
import { instance as known } from './predicates.ts';

/** Says how good a primary an instance would make. */
export const promotionRule = defineOperation({
  name: 'promotion-rule',
  summary: 'Says whether an instance is to become primary before others, after them, or never.',
  description: 'Wins over the rule in the spec. `null` takes the order back: the spec holds again.',
  params: z.strictObject({
    instance: instanceName,
    rule: z.enum(['prefer', 'neutral', 'preferNot', 'mustNot']).nullable(),
  }),
  plan(snapshot, { instance, rule }, ordered) {
    const target = known(snapshot, instance);
    if ('refused' in target) return target;
    return orderPlan(snapshot, `the promotion rule of ${instance} is ${rule ?? 'that of the spec'}`, ordered, {
      orders: { instances: [{ name: instance, promotionRule: rule }] },
      steps: [recordOrders],
    });
  },
});
