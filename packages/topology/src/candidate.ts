import { GtidSet } from '@pilotfish/gtid';
import { lagBeforeLoss } from './lag.ts';
import { defaultPolicy, instancePolicy, type Policy, type PromotionRule } from './policy.ts';
import { type AgentView, heldBy, type InstanceEvidence, viewOf } from './snapshot.ts';

/** The best instance to promote, or the predicate that no instance satisfies. */
export type CandidateChoice =
  | {
      readonly kind: 'chosen';
      readonly name: string;
      /** What it must have applied before it opens: everything that any instance holds. */
      readonly mustApply: GtidSet;
      /** The instance that it gets from what it lacks itself; absent when it lacks nothing. */
      readonly via?: string;
    }
  | {
      readonly kind: 'none';
      readonly reason: string;
      /** Instances are fit, but the cluster's own rules keep them from leading. */
      readonly forbidden: boolean;
    };

export interface Choosing {
  readonly policy: Policy;
  /** The primary that is replaced. */
  readonly from?: InstanceEvidence | undefined;
  /** The plan lets the candidate get what it lacks from another instance (`via`) before it opens. */
  readonly canFetch?: boolean;
  /** Who is to lead if rules allow it, even where it has to get something first: ordered by somebody. */
  readonly wanted?: string | undefined;
}

const anyone: Choosing = { policy: defaultPolicy };

/**
 * Chooses among instances whose receivers are stopped. The data first: the one that opens holds everything that any of
 * those seen holds, whether these could lead or not. Rules say who may lead and who is better among equals; when all that
 * hold everything are forbidden, one that is allowed gets the rest from them first.
 */
export function chooseCandidate(seen: readonly InstanceEvidence[], choosing: Choosing = anyone): CandidateChoice {
  const fit = seen.filter((instance) => isElectable(instance));
  if (fit.length === 0) return none('no instance that answers can become primary');
  const mustApply = GtidSet.unionOf(seen.filter((instance) => !isBeingRebuilt(instance)).map(held));
  const isComplete = (instance: InstanceEvidence): boolean => held(instance).contains(mustApply);
  const forbidden = fit.flatMap((instance) => whyForbidden(instance, choosing) ?? []);
  const allowed = fit.filter((instance) => whyForbidden(instance, choosing) === undefined).sort(better(choosing));
  const [best] = allowed;
  if (!best) return { ...none(forbidden.join('; ')), forbidden: true };
  const wanted = allowed.find(({ name }) => name === choosing.wanted);
  const complete = wanted && isComplete(wanted) ? wanted : allowed.find(isComplete);
  const isToFetch = choosing.canFetch && wanted && wanted !== complete;
  if (complete && !isToFetch) return { kind: 'chosen', name: complete.name, mustApply };
  const [source] = seen.filter((instance) => isComplete(instance) && canSend(instance)).sort(byHandiness);
  if (source && choosing.canFetch) {
    return { kind: 'chosen', name: (wanted ?? best).name, mustApply, via: source.name };
  }
  if (source) return none(`${source.name} holds more than those that can lead (${names(allowed)})`);
  return none(`the instances have diverged: none of ${names(seen)} holds what all others hold`);
}

const none = (reason: string) => ({ kind: 'none', reason, forbidden: false }) as const;

const names = (instances: readonly InstanceEvidence[]): string => instances.map(({ name }) => name).join(', ');

/** Whether an instance could lead: it has data, its applier is not broken, and its server is not about to end. */
export function isElectable(instance: InstanceEvidence): boolean {
  const view = viewOf(instance);
  if (!view || view.executed.isEmpty() || instance.ending) return false;
  if (isBeingRebuilt(instance) || cannotWrite(instance.agent)) return false;
  return (view.replication?.applierErrno ?? 0) === 0;
}

/** The rule that keeps an instance from leading, with its name; undefined when there is none. */
export function whyForbidden(instance: InstanceEvidence, { policy, from }: Choosing): string | undefined {
  const { name, zone, region } = instance;
  const { promotionRule, fenced } = instancePolicy(policy, name);
  if (promotionRule === 'mustNot') return `${name} must not be promoted`;
  if (fenced) return `${name} is fenced by ${fenced.by} (${fenced.reason})`;
  const { acrossZones, acrossRegions } = policy.failover;
  if (!acrossZones && differ(zone, from?.zone))
    return `${name} is in zone ${String(zone)}, not in ${String(from?.zone)}`;
  if (!acrossRegions && differ(region, from?.region))
    return `${name} is in region ${String(region)}, not in ${String(from?.region)}`;
  return undefined;
}

/** A place that nobody knows keeps nobody from leading: a node's labels are no reason for an outage. */
const differ = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b;

/** How many transactions an instance has received and not applied. */
export function leftToApply(instance: InstanceEvidence): number {
  const view = viewOf(instance);
  return view ? Number(heldBy(view).subtract(view.executed).count()) : Number.POSITIVE_INFINITY;
}

const cannotWrite = (agent: AgentView | undefined): boolean =>
  agent !== undefined && (agent.diskFull || agent.fileSystemReadOnly || agent.isolated);

/** What it holds is a copy in the making. */
const isBeingRebuilt = (instance: InstanceEvidence): boolean => instance.agent?.provisioning === 'cloning';

/** It can pass on what it holds: its applier gets it into its own binary log. */
const canSend = (instance: InstanceEvidence): boolean =>
  !isBeingRebuilt(instance) && (viewOf(instance)?.replication?.applierErrno ?? 0) === 0;

function held(instance: InstanceEvidence): GtidSet {
  const view = viewOf(instance);
  return view ? heldBy(view) : GtidSet.empty;
}

const rank: Readonly<Record<PromotionRule, number>> = { prefer: 0, neutral: 1, preferNot: 2, mustNot: 3 };

/**
 * The better candidate first: one that stays, that no trouble is expected with, that did not just fail as primary, that is
 * not far behind; then the rule; then the one that opens soonest, and the lower ordinal.
 */
function better({ policy, from }: Choosing): (a: InstanceEvidence, b: InstanceEvidence) => number {
  const { failures, recoveryBlockMs, reasonableLagMs } = policy.failover;
  const failedLately = ({ name }: InstanceEvidence): boolean =>
    failures.some(({ instance, ageMs }) => instance === name && ageMs < recoveryBlockMs);
  const isFarBehind = (instance: InstanceEvidence): boolean =>
    leftToApply(instance) > 0 && lagBeforeLoss(instance, from) > reasonableLagMs;
  const key = (instance: InstanceEvidence): readonly number[] => {
    const { promotionRule, downtime } = instancePolicy(policy, instance.name);
    return [
      Number(instance.leaving),
      Number(downtime !== undefined),
      Number(failedLately(instance)),
      Number(isFarBehind(instance)),
      rank[promotionRule],
      leftToApply(instance),
      instance.ordinal,
    ];
  };
  return (a, b) => firstDifference(key(a), key(b));
}

const byHandiness = (a: InstanceEvidence, b: InstanceEvidence): number =>
  firstDifference([Number(a.ending), leftToApply(a), a.ordinal], [Number(b.ending), leftToApply(b), b.ordinal]);

function firstDifference(a: readonly number[], b: readonly number[]): number {
  return a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
