import { z } from 'zod';
import { step } from '../plan.ts';
import { defineOperation } from './operation.ts';
import { orderPlan } from './order-plan.ts';

/** Looks at everything now. */
export const refresh = defineOperation({
  name: 'refresh',
  summary: 'Looks at every instance now instead of at the next turn.',
  description: 'Done when each has answered or failed to.',
  params: z.strictObject({}),
  plan: (snapshot, _params, ordered) =>
    orderPlan(snapshot, 'every instance is looked at', ordered, { steps: [step('look', 5_000)] }),
});
