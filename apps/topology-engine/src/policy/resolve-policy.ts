import type { FailoverSpec, ResolvedSpec, TopologyOrders, TopologyStatus } from '@pilotfish/api';
import { defaultPolicy, type FailoverPolicy, type InstancePolicy, type Pause, type Policy } from '@pilotfish/topology';

type Replication = ResolvedSpec['replication'];
type InstanceSpec = NonNullable<FailoverSpec['instances']>[number];
type InstanceOrders = TopologyOrders['instances'][number];

const second = 1_000;

/**
 * What holds for a cluster now: its spec, and over it the orders given at run time. What has run out by `now` is left
 * out, so that decisions need no clock. Times are the wall clock's: one that jumps ends a downtime early or late, and loses
 * no data.
 */
export function resolvePolicy(spec: Replication, topology: TopologyStatus, now: Date): Policy {
  const { mode, ackZones, errantPolicy, failover } = spec;
  return {
    mode,
    ackZones,
    errantPolicy,
    failover: failoverPolicy(failover, topology, now),
    instances: instancePolicies(failover.instances ?? [], topology.orders?.instances ?? [], now),
  };
}

function failoverPolicy(spec: FailoverSpec, topology: TopologyStatus, now: Date): FailoverPolicy {
  const { failover: standard } = defaultPolicy;
  const paused = pause(spec, topology.orders, now);
  const maxLagMs = inMs(spec.maxLagSeconds);
  return {
    ...(paused && { paused }),
    recoverPrimary: spec.recoverPrimary ?? standard.recoverPrimary,
    recoverIntermediatePrimary: spec.recoverIntermediatePrimary ?? standard.recoverIntermediatePrimary,
    delayMs: inMs(spec.delaySeconds) ?? standard.delayMs,
    recoveryBlockMs: inMs(spec.recoveryBlockSeconds) ?? standard.recoveryBlockMs,
    failures: unacknowledged(topology, now),
    ...(maxLagMs !== undefined && { maxLagMs }),
    whenBehind: spec.whenBehind ?? standard.whenBehind,
    acrossZones: spec.acrossZones ?? standard.acrossZones,
    acrossRegions: spec.acrossRegions ?? standard.acrossRegions,
  };
}

const inMs = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * second;

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

function instancePolicies(
  specs: readonly InstanceSpec[],
  orders: readonly InstanceOrders[],
  now: Date,
): readonly InstancePolicy[] {
  const names = new Set([...specs, ...orders].map(({ name }) => name));
  return [...names].sort().map((name) => {
    const spec = specs.find((instance) => instance.name === name);
    const order = orders.find((instance) => instance.name === name);
    const downtime = (order?.downtime && running(order.downtime, now)) ?? declaredDowntime(spec, now);
    return {
      name,
      promotionRule: order?.promotionRule ?? spec?.promotionRule ?? 'neutral',
      ...(downtime && { downtime }),
      ...(order?.fenced && { fenced: { by: order.fenced.by, reason: order.fenced.reason } }),
      ...(order?.follows !== undefined && { follows: order.follows }),
    };
  });
}

function declaredDowntime(spec: InstanceSpec | undefined, now: Date): Pause | undefined {
  if (!spec?.downtime) return undefined;
  const { until, reason = 'a downtime is declared in the spec' } = spec.downtime;
  return running({ by: 'the spec', reason, until }, now);
}
