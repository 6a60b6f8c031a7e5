import { ordinalOf, type TopologyStatus } from '@pilotfish/api';
import { isCurrent } from './plan-roll.ts';

export interface ScaleInput {
  readonly cluster: string;
  /** What the spec asks for. */
  readonly wanted: number;
  /** What the StatefulSet has; undefined while there is none. */
  readonly current: number | undefined;
  readonly topology: TopologyStatus | undefined;
}

export interface ScalePlan {
  /** For the StatefulSet. */
  readonly replicas: number;
  /** Why that is not yet what the spec asks for. */
  readonly hold?: string;
}

/**
 * How many pods the StatefulSet is to have now. It takes away the highest ordinals, whoever they are; so it is lowered only
 * when the primary is among those that stay (topology-engine moves it there, it reads the spec too), when no acknowledged
 * write counts on one that leaves, and when enough of those that stay have all data. Zero is always allowed: nothing is removed but processes. Coming back from zero, the last
 * primary's pod is started as well, because it has the newest data.
 */
export function planScale({ cluster, wanted, current, topology }: ScaleInput): ScalePlan {
  if (wanted === 0) return { replicas: 0 };
  if (topology?.initialized !== true) {
    if (current === undefined || wanted >= current) return { replicas: wanted };
    return topology === undefined
      ? { replicas: current, hold: 'it is not known yet which instance has the data' }
      : { replicas: wanted };
  }
  const primary = ordinalOf(cluster, topology.primary);
  if (primary === undefined) {
    const replicas = Math.max(wanted, current ?? 0);
    return replicas === wanted ? { replicas } : { replicas, hold: 'there is no primary' };
  }
  if (current === undefined || current <= wanted) return withPrimary(wanted, primary);
  const hold = obstacle(cluster, wanted, primary, topology);
  return hold === undefined ? { replicas: wanted } : { replicas: Math.max(current, primary + 1), hold };
}

function withPrimary(wanted: number, primary: number): ScalePlan {
  if (primary < wanted) return { replicas: wanted };
  return { replicas: primary + 1, hold: `instance ${String(primary)} was the last primary and has the newest data` };
}

function obstacle(cluster: string, wanted: number, primary: number, topology: TopologyStatus): string | undefined {
  if (primary >= wanted) return `the primary ${topology.primary} has to move to an instance that stays`;
  if (topology.operation !== undefined) return `a ${topology.operation.kind} is under way`;
  const promised = topology.instances.find((instance) => {
    const leaves = (ordinalOf(cluster, instance.name) ?? 0) >= wanted;
    // One that does not serve can only be let go by letting its pod go.
    return leaves && instance.serving && topology.ackSet.members.includes(instance.name);
  });
  if (promised !== undefined) return `${promised.name} still acknowledges writes`;
  const staying = topology.instances.filter((instance) => {
    const ordinal = ordinalOf(cluster, instance.name);
    return ordinal !== undefined && ordinal < wanted && ordinal !== primary;
  });
  const current = staying.filter((instance) => isCurrent(instance)).length;
  const needed = Math.min(wanted - 1, Math.max(1, topology.ackSet.k));
  if (current >= needed) return undefined;
  return `of the replicas that stay, ${String(current)} have caught up with the primary and ${String(needed)} have to`;
}
