import { timing } from './timing.ts';

/**
 * What a cluster's owners want of its topology engine: the spec, the operator's settings beneath it, and the orders given
 * at run time on top, made into one by whoever gathers the snapshot. Times that have run out are left out there, because
 * decisions have no clock.
 */
export interface Policy {
  /** `async`: commits wait for no replica; a failover then needs proof that the old primary is closed. */
  readonly mode: 'semiSync' | 'async';
  /** Whose acknowledgements count: everybody's, or only those of instances in another zone than the primary. */
  readonly ackZones: 'any' | 'other';
  /** What happens to an instance that holds transactions of its own: rebuilt, rebuilt when somebody says so, left alone. */
  readonly errantPolicy: 'auto' | 'ask' | 'never';
  readonly failover: FailoverPolicy;
  /** What holds for single instances; one that is not listed is neutral. */
  readonly instances: readonly InstancePolicy[];
}

export interface FailoverPolicy {
  /** No failover until it is lifted. */
  readonly paused?: Pause;
  /** False: a dead primary is reported and waited for. */
  readonly recoverPrimary: boolean;
  /** False: the replicas of a dead intermediate primary wait for it. */
  readonly recoverIntermediatePrimary: boolean;
  /** How long a primary must have been gone before another takes its place. */
  readonly delayMs: number;
  /** An instance that failed as primary is not failed over from again within this time. 0: it always is. */
  readonly recoveryBlockMs: number;
  /** Failed primaries that nobody has acknowledged yet, and how long ago each was replaced. */
  readonly failures: readonly { readonly instance: string; readonly ageMs: number }[];
  /** A candidate further behind than this is taken when there is no other. */
  readonly reasonableLagMs: number;
  /** A candidate further behind than this is waited for before anything is changed. */
  readonly maxLagMs?: number;
  /** A candidate that has not applied all it received: promoted as soon as it has (`drain`), or waited for before anything is changed. */
  readonly whenBehind: 'drain' | 'hold';
  /** Whether the primary may move to another zone, or to another region. */
  readonly acrossZones: boolean;
  readonly acrossRegions: boolean;
}

export interface Pause {
  readonly by: string;
  readonly reason: string;
  /** Absent: until somebody ends it. */
  readonly endsInMs?: number;
}

export type PromotionRule = 'prefer' | 'neutral' | 'preferNot' | 'mustNot';

export interface InstancePolicy {
  readonly name: string;
  readonly promotionRule: PromotionRule;
  /** Trouble with it is expected: while it is primary nothing takes its place, and others are promoted before it. */
  readonly downtime?: Pause;
  /** Kept closed and out of the choice until the fence is lifted. */
  readonly fenced?: { readonly by: string; readonly reason: string };
  /** The instance that it replicates from in place of the primary. */
  readonly follows?: string;
}

export const defaultPolicy: Policy = {
  mode: 'semiSync',
  ackZones: 'any',
  errantPolicy: 'auto',
  failover: {
    recoverPrimary: true,
    recoverIntermediatePrimary: true,
    delayMs: 0,
    recoveryBlockMs: 0,
    failures: [],
    reasonableLagMs: timing.switchoverMaxLagMs,
    whenBehind: 'drain',
    acrossZones: true,
    acrossRegions: true,
  },
  instances: [],
};

/** What holds for one instance. */
export function instancePolicy(policy: Policy, name: string): InstancePolicy {
  return policy.instances.find((instance) => instance.name === name) ?? { name, promotionRule: 'neutral' };
}
