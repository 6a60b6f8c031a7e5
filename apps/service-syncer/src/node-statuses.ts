import {
  type Condition,
  type ConditionStatus,
  makeCondition,
  type NodeConditionType,
  type NodeStatus,
  ordinalOf,
  podHost,
} from '@pilotfish/api';
import type { ClusterView, Instance, Topology } from './cluster-view.ts';

/** What service-syncer owns of a status. */
export interface SyncedStatus {
  readonly nodes: readonly NodeStatus[];
  readonly readOnly: Condition;
}

const conditionOrder: readonly NodeConditionType[] = ['Lagged', 'Replicating', 'Master', 'ReadOnly'];

/**
 * `status.nodes[]` as users of the old operator know it, in order of ordinals. Instances that are scaled away are left
 * out once their pod is gone. `lastTransitionTime` is kept from `previous` where the status is the same.
 */
export function nodeStatuses(
  cluster: Pick<ClusterView, 'metadata' | 'replicas'>,
  topology: Topology,
  pods: ReadonlySet<string>,
  previous: readonly NodeStatus[],
  now: Date,
): NodeStatus[] {
  const { name, namespace } = cluster.metadata;
  const before = new Map(previous.map((node) => [node.name, node.conditions]));
  return listedInstances(name, cluster.replicas, topology, pods).map((instance) => {
    const host = podHost(instance.name, namespace);
    const facts = conditionsOf(instance, topology);
    const conditions = conditionOrder.map((type) => {
      const old = before.get(host)?.find((condition) => condition.type === type);
      const isSame = old?.status === facts[type];
      return { type, status: facts[type], lastTransitionTime: isSame ? old.lastTransitionTime : timestamp(now) };
    });
    return { name: host, conditions };
  });
}

/** The condition ReadOnly: True when no instance takes writes, and so also when there is none. */
export function readOnlyCondition(
  cluster: Pick<ClusterView, 'metadata'>,
  topology: Topology,
  previous: readonly Condition[],
  now: Date,
): Condition {
  const { namespace } = cluster.metadata;
  const writable = topology.instances.filter((instance) => instance.serving && !instance.readOnly);
  if (writable.length === 0) {
    const message = 'no instance accepts writes';
    return makeCondition('ReadOnly', 'ClusterReadOnlyTrue', message, now, [...previous]);
  }
  const hosts = writable.map((instance) => podHost(instance.name, namespace)).sort();
  return makeCondition('ReadOnly', 'ClusterReadOnlyFalse', `read-write: ${hosts.join(', ')}`, now, [...previous]);
}

function listedInstances(cluster: string, replicas: number, topology: Topology, pods: ReadonlySet<string>): Instance[] {
  return topology.instances
    .map((instance) => ({ instance, ordinal: ordinalOf(cluster, instance.name) ?? -1 }))
    .filter(({ instance, ordinal }) => ordinal >= 0 && (ordinal < replicas || pods.has(instance.name)))
    .sort((a, b) => a.ordinal - b.ordinal)
    .map(({ instance }) => instance);
}

function conditionsOf(instance: Instance, topology: Topology): Record<NodeConditionType, ConditionStatus> {
  const isPrimary = instance.name === topology.primary;
  switch (instance.state) {
    case 'Unreachable':
      return { Lagged: 'Unknown', Replicating: 'Unknown', Master: 'Unknown', ReadOnly: 'Unknown' };
    case 'Blank':
    case 'Provisioning':
      return { Lagged: 'Unknown', Replicating: 'False', Master: is(isPrimary), ReadOnly: is(instance.readOnly) };
    case 'Detached':
    case 'Broken':
    case 'CatchingUp':
    case 'Replicating':
    case 'Primary':
    case 'Diverged':
      return {
        // The primary is never lagged; the lag of what does not replicate is not known.
        Lagged: isPrimary ? 'False' : instance.attached ? is(instance.lagged) : 'Unknown',
        Replicating: is(!isPrimary && instance.attached),
        Master: is(isPrimary),
        ReadOnly: is(instance.readOnly),
      };
    default:
      return instance.state satisfies never;
  }
}

function is(value: boolean): ConditionStatus {
  return value ? 'True' : 'False';
}

/** To the second, as Kubernetes writes its own. */
function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
