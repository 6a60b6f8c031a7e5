import { type Decision, type Snapshot, viewOf } from '@pilotfish/topology';

/** The primary is healthy, every other instance receives, and there is nothing to do: replicas can be looked at less often. */
export function isWell({ state, plan, hold }: Decision, { instances, recorded }: Snapshot): boolean {
  if (state !== 'PrimaryHealthy' || plan || hold || recorded.operation) return false;
  return instances.every(
    (instance) => instance.name === recorded.primary || viewOf(instance)?.replication?.receiver === 'ON',
  );
}
