import { z } from 'zod';
import { step } from '../plan.ts';
import { instancePolicy } from '../policy.ts';
import { at, defineOperation, instanceName } from './operation.ts';
import { leaveAckSet, orderPlan, recordOrders } from './order-plan.ts';
import { replica, whyNeededForAcks } from './predicates.ts';
import { refuse } from './refusal.ts';

const params = z.strictObject({ instance: instanceName });

/** Takes a replica out of service until it is unfenced. */
export const fence = defineOperation({
  name: 'fence',
  summary: 'Takes a replica out of service: its server is stopped and kept from starting, its data stays.',
  description:
    'It serves no reads, acknowledges nothing, is not repaired and never becomes primary. Without an agent beside it, its server is closed for writes and its replication stopped.',
  params,
  plan(snapshot, { instance }, ordered) {
    const target = replica(snapshot, instance);
    if ('refused' in target) return target;
    const { fenced } = instancePolicy(snapshot.policy, instance);
    if (fenced) return refuse('NothingToChange', `${instance} is fenced by ${fenced.by}: ${fenced.reason}`);
    const needed = whyNeededForAcks(snapshot, [instance]);
    if (needed) return needed;
    const { by, reason } = ordered;
    return orderPlan(snapshot, `${instance} is fenced`, ordered, {
      orders: { instances: [{ name: instance, fenced: { by, reason, since: at(ordered) } }] },
      steps: [...leaveAckSet(snapshot, instance), recordOrders, { ...step('hold', 15_000), instance }],
    });
  },
});

/** Ends a fence. */
export const unfence = defineOperation({
  name: 'unfence',
  summary: 'Lets a fenced instance start and follow the primary again.',
  description: 'Done when its server may start; the repair of the instance takes it from there.',
  params,
  plan(snapshot, { instance }, ordered) {
    const target = replica(snapshot, instance);
    if ('refused' in target) return target;
    if (!instancePolicy(snapshot.policy, instance).fenced) {
      return refuse('NothingToChange', `${instance} is not fenced`);
    }
    return orderPlan(snapshot, `the fence of ${instance} is lifted`, ordered, {
      orders: { instances: [{ name: instance, fenced: null }] },
      steps: [recordOrders, { ...step('release', 10_000), instance }],
    });
  },
});
