import type {
  ClusterFilter,
  FailoverSpec,
  OrchestratorSettings,
  ResolvedSpec,
  TopologyOrders,
  TopologyStatus,
} from '@pilotfish/api';
import { defaultPolicy, type FailoverPolicy, type InstancePolicy, type Pause, type Policy } from '@pilotfish/topology';
import { hostOfPod } from '../inventory.ts';

type InstanceSpec = NonNullable<FailoverSpec['instances']>[number];
type InstanceOrders = TopologyOrders['instances'][number];

export interface PolicySources {
  /** `<namespace>/<name>` of the cluster. */
  readonly key: string;
  /** Names of the instances that there are. */
  readonly instances: readonly string[];
  readonly spec: ResolvedSpec['replication'];
  /** What the operator's settings say of all clusters, where the spec says nothing. */
  readonly operator: OrchestratorSettings;
  readonly topology: TopologyStatus;
  /** The host of an instance, by which settings name it; that of a pod unless given. */
  readonly hostOf?: (instance: string) => string | undefined;
  readonly now: Date;
}

const second = 1_000;

/**
 * What holds for a cluster now: its spec, the operator's settings beneath it, and over it the orders given at run time. What
 * has run out by `now` is left out, so that decisions need no clock. Times are the wall clock's: one that jumps ends a
 * downtime early or late, and loses no data.
 */
export function resolvePolicy(sources: PolicySources): Policy {
  const { mode, ackZones, errantPolicy } = sources.spec;
  return {
    mode,
    ackZones,
    errantPolicy,
    failover: failoverPolicy(sources),
    instances: instancePolicies(sources),
  };
}

function failoverPolicy({ key, spec, operator, topology, now }: PolicySources): FailoverPolicy {
  const { failover } = defaultPolicy;
  const declared = spec.failover;
  const paused = pause(declared, topology.orders, now);
  const maxLagMs = inMs(declared.maxLagSeconds ?? operator.maxLagSeconds);
  return {
    ...(paused && { paused }),
    recoverPrimary: declared.recoverPrimary ?? admits(operator.recoverPrimary, key) ?? failover.recoverPrimary,
    recoverIntermediatePrimary:
      declared.recoverIntermediatePrimary ??
      admits(operator.recoverIntermediatePrimary, key) ??
      failover.recoverIntermediatePrimary,
    delayMs: inMs(declared.delaySeconds) ?? failover.delayMs,
    recoveryBlockMs: inMs(declared.recoveryBlockSeconds ?? operator.recoveryBlockSeconds) ?? failover.recoveryBlockMs,
    failures: unacknowledged(topology, now),
    reasonableLagMs: inMs(operator.reasonableLagSeconds) ?? failover.reasonableLagMs,
    ...(maxLagMs !== undefined && { maxLagMs }),
    whenBehind: declared.whenBehind ?? operator.whenBehind ?? failover.whenBehind,
    acrossZones: declared.acrossZones ?? operator.acrossZones ?? failover.acrossZones,
    acrossRegions: declared.acrossRegions ?? operator.acrossRegions ?? failover.acrossRegions,
  };
}

const inMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * second;

/** Undefined when nothing was said of any cluster. Orchestrator knew a cluster of the old operator as `<name>.<namespace>`. */
function admits(filters: readonly ClusterFilter[] | undefined, key: string): boolean | undefined {
  const [namespace = '', cluster = ''] = key.split('/');
  const name = `${cluster}.${namespace}`;
  return filters?.some((filter) => ('name' in filter ? filter.name === name : filter.expression.test(name)));
}

function pause({ paused }: FailoverSpec, orders: TopologyOrders | undefined, now: Date): Pause | undefined {
  if (paused === true) return { by: 'the spec', reason: 'spec.replication.failover.paused is set' };
  return orders?.paused && running(orders.paused, now);
}

/** Undefined once it has run out. */
function running(order: { by: string; reason: string; until?: string | undefined }, now: Date): Pause | undefined {
  const { by, reason, until } = order;
  if (until === undefined) return { by, reason };
  const endsInMs = Date.parse(until) - now.getTime();
  return endsInMs > 0 ? { by, reason, endsInMs } : undefined;
}

function unacknowledged({ failures = [], orders }: TopologyStatus, now: Date): FailoverPolicy['failures'] {
  const seen = orders?.acknowledged?.epoch ?? 0;
  return failures
    .filter(({ epoch }) => epoch > seen)
    .map(({ name, at }) => ({ instance: name, ageMs: Math.max(now.getTime() - Date.parse(at), 0) }));
}

function instancePolicies(sources: PolicySources): readonly InstancePolicy[] {
  const declared = sources.spec.failover.instances ?? [];
  const ordered = sources.topology.orders?.instances ?? [];
  const filtered = sources.instances.filter((name) => isFiltered(name, sources));
  const names = new Set([...declared, ...ordered].map(({ name }) => name).concat(filtered));
  return [...names].sort().map((name) => {
    const spec = declared.find((instance) => instance.name === name);
    const order = ordered.find((instance) => instance.name === name);
    return instancePolicy(name, spec, order, sources);
  });
}

function instancePolicy(
  name: string,
  spec: InstanceSpec | undefined,
  order: InstanceOrders | undefined,
  sources: PolicySources,
): InstancePolicy {
  const { now, operator } = sources;
  const downtime =
    (order?.downtime && running(order.downtime, now)) ?? declaredDowntime(spec, now) ?? ignored(name, sources);
  const standard = matches(operator.neverPromoted, name, sources) ? 'mustNot' : 'neutral';
  return {
    name,
    promotionRule: order?.promotionRule ?? spec?.promotionRule ?? standard,
    ...(downtime && { downtime }),
    ...(order?.fenced && { fenced: { by: order.fenced.by, reason: order.fenced.reason } }),
    ...(order?.follows !== undefined && { follows: order.follows }),
  };
}

function declaredDowntime(spec: InstanceSpec | undefined, now: Date): Pause | undefined {
  if (!spec?.downtime) return undefined;
  const { until, reason = 'a downtime is declared in the spec' } = spec.downtime;
  return running({ by: 'the spec', reason, until }, now);
}

function ignored(name: string, sources: PolicySources): Pause | undefined {
  if (!matches(sources.operator.ignoredHosts, name, sources)) return undefined;
  return { by: "the operator's settings", reason: 'RecoveryIgnoreHostnameFilters names it' };
}

const isFiltered = (name: string, sources: PolicySources): boolean =>
  matches(sources.operator.ignoredHosts, name, sources) || matches(sources.operator.neverPromoted, name, sources);

function matches(
  expressions: readonly RegExp[] | undefined,
  instance: string,
  { key, hostOf }: PolicySources,
): boolean {
  if (!expressions) return false;
  const host = hostOf?.(instance) ?? hostOfPod(key, instance).host;
  return expressions.some((expression) => expression.test(host));
}
