import { z } from 'zod';
import { errantOf } from '../errant.ts';
import { type Step, step } from '../plan.ts';
import { heldBy, type InstanceEvidence, type InstanceView, instanceNamed, type Snapshot, viewOf } from '../snapshot.ts';
import { defineOperation, instanceName, type PlanOrRefusal } from './operation.ts';
import { leaveAckSet, orderPlan, recordOrders } from './order-plan.ts';
import { type AnsweringReplica, answeringReplica, instance, whyNeededForAcks } from './predicates.ts';
import { refuse } from './refusal.ts';

type Refused = Extract<PlanOrRefusal, { refused: unknown }>;

/** Puts one instance under another source. */
export const reparent = defineOperation({
  name: 'reparent',
  summary: 'Has an instance replicate from another one: from the primary, or from a replica as intermediate primary.',
  description:
    'The order stands until the instance is put under the primary again. While the wanted source is gone, the instance follows the primary. An instance under an intermediate primary acknowledges no commits.',
  params: z.strictObject({
    instance: instanceName.describe('the replica to move'),
    source: instanceName.describe('whom it replicates from then'),
  }),
  plan(snapshot, { instance: name, source }, ordered) {
    const obstacle = whyNotUnder(snapshot, name, source) ?? whyNeeded(snapshot, [name], source);
    if (obstacle) return obstacle;
    return orderPlan(snapshot, `${name} replicates from ${source}`, ordered, {
      orders: { instances: [{ name, follows: source === snapshot.recorded.primary ? null : source }] },
      steps: [...leaving(snapshot, name, source), recordOrders, move(name, source)],
    });
  },
});

/** Puts all replicas of one instance under another. */
export const reparentReplicas = defineOperation({
  name: 'reparent-replicas',
  summary: "Has all of an instance's replicas replicate from another one.",
  description: 'As `reparent`, for each replica of `of`: all are moved, or none when one of them can not be.',
  params: z.strictObject({
    of: instanceName.describe('whose replicas are moved'),
    source: instanceName.describe('whom they replicate from then; it is not moved itself'),
  }),
  plan(snapshot, { of, source }, ordered) {
    const from = instance(snapshot, of);
    if ('refused' in from) return from;
    const names = snapshot.instances
      .filter((one) => viewOf(one)?.replication?.sourceHost === from.host && one.name !== source)
      .map(({ name }) => name);
    if (names.length === 0) return refuse('NothingToChange', `nobody but ${source} replicates from ${of}`);
    for (const name of names) {
      const obstacle = whyNotUnder(snapshot, name, source);
      if (obstacle) return obstacle;
    }
    const needed = whyNeeded(snapshot, names, source);
    if (needed) return needed;
    const follows = source === snapshot.recorded.primary ? null : source;
    return orderPlan(snapshot, `the replicas of ${of} replicate from ${source}`, ordered, {
      orders: { instances: names.map((name) => ({ name, follows })) },
      steps: [
        ...names.flatMap((name) => leaving(snapshot, name, source)),
        recordOrders,
        ...names.map((name) => move(name, source)),
      ],
    });
  },
});

const move = (name: string, source: string): Step => ({ ...step('re-parent', 10_000), instance: name, source });

const leaving = (snapshot: Snapshot, name: string, source: string): readonly Step[] =>
  source === snapshot.recorded.primary ? [] : leaveAckSet(snapshot, name);

function whyNeeded(snapshot: Snapshot, names: readonly string[], source: string): Refused | undefined {
  return source === snapshot.recorded.primary ? undefined : whyNeededForAcks(snapshot, names);
}

function whyNotUnder(snapshot: Snapshot, name: string, source: string): Refused | undefined {
  const moved = answeringReplica(snapshot, name);
  if ('refused' in moved) return moved;
  const target = instance(snapshot, source);
  if ('refused' in target) return target;
  const sourceView = viewOf(target);
  if (!sourceView) return refuse('NotReachable', `${source} does not answer (${target.contact.kind})`);
  if (moved.view.replication?.sourceHost === target.host) {
    return refuse('NothingToChange', `${name} replicates from ${source} already`);
  }
  if (name === source || chainAbove(target, snapshot).includes(name)) {
    return refuse('WouldLoop', `${source} replicates from ${name}, directly or through others`);
  }
  return whyUnfitSource(snapshot, moved, source, sourceView);
}

function whyUnfitSource(
  snapshot: Snapshot,
  { evidence: { name }, view }: AnsweringReplica,
  source: string,
  sourceView: InstanceView,
): Refused | undefined {
  const primary = viewOf(instanceNamed(snapshot, snapshot.recorded.primary));
  // What the primary has reaches the source, too, if it is not there yet.
  const missing = primary ? errantOf(view, primary) : view.executed.subtract(heldBy(sourceView));
  if (!missing.isEmpty()) {
    return refuse('WouldDiverge', `${source} lacks ${missing.toString()}, which ${name} has`);
  }
  if (!view.executed.contains(sourceView.purged)) {
    const purged = sourceView.purged.subtract(view.executed).toString();
    return refuse('SourcePurged', `${source} has purged ${purged}, which ${name} needs`);
  }
  return undefined;
}

/** From whom an instance replicates, from whom that one does, and so on; names, the nearest first. */
function chainAbove(instance: InstanceEvidence, snapshot: Snapshot): readonly string[] {
  const chain: string[] = [];
  let host = viewOf(instance)?.replication?.sourceHost;
  while (host !== undefined) {
    const above = snapshot.instances.find((one) => one.host === host);
    if (!above || chain.includes(above.name)) break;
    chain.push(above.name);
    host = viewOf(above)?.replication?.sourceHost;
  }
  return chain;
}
