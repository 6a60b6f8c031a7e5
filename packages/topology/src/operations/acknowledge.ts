import { z } from 'zod';
import { at, defineOperation } from './operation.ts';
import { orderPlan, recordOrders } from './order-plan.ts';
import { refuse } from './refusal.ts';

/** Says that somebody has seen the failovers so far. */
export const acknowledge = defineOperation({
  name: 'acknowledge',
  summary: 'Says that the failovers so far were seen: none of them blocks another one any more.',
  description: 'Ends the recovery block of the instances that failed up to that epoch.',
  params: z.strictObject({
    upToEpoch: z.int().min(1).optional().describe('the last epoch that was seen; left out: the present one'),
  }),
  plan(snapshot, { upToEpoch }, ordered) {
    const { epoch: present } = snapshot.recorded;
    const epoch = upToEpoch ?? present;
    if (epoch > present) return refuse('BadRequest', `epoch ${String(epoch)} has not begun; ${String(present)} has`);
    return orderPlan(snapshot, `failovers up to epoch ${String(epoch)} were seen`, ordered, {
      orders: { acknowledged: { by: ordered.by, epoch, at: at(ordered) } },
      steps: [recordOrders],
    });
  },
});
