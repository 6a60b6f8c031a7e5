import { z } from 'zod';
import { step } from '../plan.ts';
import { canDonate } from '../repair.ts';
import { type InstanceEvidence, type Snapshot, viewOf } from '../snapshot.ts';
import { defineOperation, instanceName } from './operation.ts';
import { leaveAckSet, orderPlan } from './order-plan.ts';
import { type OpenPrimary, openPrimary, replica, whyNeededForAcks } from './predicates.ts';
import { refuse } from './refusal.ts';

/** Fills a replica anew. */
export const rebuild = defineOperation({
  name: 'rebuild',
  summary: "Copies a healthy instance's data over this one (CLONE).",
  description:
    'Transactions that only this instance has are saved in its volume first. Done when the copy has begun: the state of the instance tells how it goes on, the event `instance-recloned` when it is complete.',
  params: z.strictObject({
    instance: instanceName.describe('the replica to fill anew'),
    donor: instanceName.optional().describe('whom it copies from; left out: a replica, else the primary'),
  }),
  plan(snapshot, { instance, donor }, ordered) {
    const primary = openPrimary(snapshot);
    if ('refused' in primary) return primary;
    const target = replica(snapshot, instance);
    if ('refused' in target) return target;
    if (!target.agent) return refuse('NoAgent', `no agent answers beside ${instance}`);
    if (target.agent.provisioning === 'cloning')
      return refuse('NothingToChange', `${instance} is being copied to already`);
    if (!viewOf(target) && snapshot.recorded.ackSet.members.includes(instance)) {
      return refuse(
        'NotReachable',
        `${instance} is in the ack set and does not answer: it leaves it when its server is gone`,
      );
    }
    const source = donorFor(snapshot, target, primary, donor);
    if (typeof source !== 'string') return source;
    const needed = whyNeededForAcks(snapshot, [instance]);
    if (needed) return needed;
    return orderPlan(snapshot, `${instance} is rebuilt from ${source}`, ordered, {
      steps: [...leaveAckSet(snapshot, instance), { ...step('rebuild', 10_000), instance, source }],
    });
  },
});

function donorFor(
  snapshot: Snapshot,
  target: InstanceEvidence,
  { evidence: primary }: OpenPrimary,
  wanted: string | undefined,
) {
  const able = snapshot.instances.filter(
    (one) => one !== target && (one === primary || canDonate(one, primary, snapshot)),
  );
  if (wanted === undefined) return (able.find((one) => one !== primary) ?? primary).name;
  if (able.some(({ name }) => name === wanted)) return wanted;
  const names = able.map(({ name }) => name).join(', ');
  return refuse('NoDonor', `${wanted} does not follow the primary closely; ${names} would do`);
}
