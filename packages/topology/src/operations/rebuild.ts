import { z } from 'zod';
import { whatLiftsDivergence } from '../diverged.ts';
import { errantOf } from '../errant.ts';
import { step } from '../plan.ts';
import { canDonate } from '../repair.ts';
import type { InstanceEvidence, Snapshot } from '../snapshot.ts';
import { defineOperation, instanceName } from './operation.ts';
import { leaveAckSet, orderPlan } from './order-plan.ts';
import {
  type AnsweringReplica,
  answeringReplica,
  type OpenPrimary,
  openPrimary,
  whyNeededForAcks,
} from './predicates.ts';
import { refuse } from './refusal.ts';

/** Fills a replica anew. */
export const rebuild = defineOperation({
  name: 'rebuild',
  summary: "Copies a healthy instance's data over this one (CLONE).",
  description:
    'Transactions that only this instance has are saved in its volume first; with `errantPolicy: never` they are a reason to refuse. Done when the copy has begun: the state of the instance tells how it goes on, the event `instance-recloned` when it is complete.',
  params: z.strictObject({
    instance: instanceName.describe('the replica to fill anew'),
    donor: instanceName.optional().describe('whom it copies from; left out: a replica, else the primary'),
  }),
  plan(snapshot, { instance, donor }, ordered) {
    const primary = openPrimary(snapshot);
    if ('refused' in primary) return primary;
    const target = answeringReplica(snapshot, instance);
    if ('refused' in target) return target;
    const { agent } = target.evidence;
    if (!agent) return refuse('NoAgent', `no agent answers beside ${instance}`);
    if (agent.provisioning === 'cloning') return refuse('NothingToChange', `${instance} is being copied to already`);
    const kept = whyKept(snapshot, target, primary);
    if (kept) return kept;
    const source = donorFor(snapshot, target.evidence, primary, donor);
    if (typeof source !== 'string') return source;
    const needed = whyNeededForAcks(snapshot, [instance]);
    if (needed) return needed;
    return orderPlan(snapshot, `${instance} is rebuilt from ${source}`, ordered, {
      steps: [...leaveAckSet(snapshot, instance), { ...step('rebuild', 10_000), instance, source }],
    });
  },
});

/** Left alone for good, whoever asks: the policy is what is changed then, by whoever may change the spec. */
function whyKept({ policy }: Snapshot, { evidence, view }: AnsweringReplica, primary: OpenPrimary) {
  const errant = errantOf(view, primary.view);
  if (errant.isEmpty() || policy.errantPolicy !== 'never') return undefined;
  const holds = `${evidence.name} holds transactions that ${primary.evidence.name} lacks: ${errant.toString()}`;
  return refuse('WouldDiscard', `${holds}${whatLiftsDivergence(policy)}`);
}

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
