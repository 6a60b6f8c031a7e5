import type { Healthy, Role } from '@pilotfish/api';
import type { Instance, Topology } from './cluster-view.ts';
import { type WriteEndpoint, type WriteHint, writeEndpoint } from './write-hint.ts';

/** A pod, as far as the decision needs it. */
export interface LabelCandidate {
  readonly pod: string;
  /** False for a pod that took the place of another of its name: what the status says may be about the former one. */
  readonly vouched: boolean;
}

export type HealthReason =
  | 'Primary'
  | 'Replicating'
  | 'Lagged'
  | 'NotAttached'
  | 'NotServing'
  | 'NotKnownYet'
  | 'Recreated';

export interface DesiredLabels {
  readonly pod: string;
  readonly role: Role;
  readonly healthy: Healthy;
  /** Why it is healthy or not; no label. */
  readonly reason: HealthReason;
}

/**
 * The labels `role` and `healthy` of a cluster's pods. One rule for each:
 * `master` is the pod that takes writes, as the status or a hint ahead of it says; all others are `replica`.
 * Healthy is what answers and is the primary, or an attached replica that is not lagged.
 */
export function desiredLabels(
  topology: Topology,
  pods: readonly LabelCandidate[],
  hint: WriteHint | undefined,
): DesiredLabels[] {
  const endpoint = writeEndpoint(topology, hint);
  const instances = new Map(topology.instances.map((instance) => [instance.name, instance]));
  return pods.map(({ pod, vouched }) => {
    const opened = endpoint?.pod === pod && (vouched || endpoint.source === 'hint');
    const reason =
      opened && endpoint.source === 'hint' ? 'Primary' : healthReason(pod, vouched, instances, topology, endpoint);
    return { pod, role: opened ? 'master' : 'replica', healthy: isHealthy(reason) ? 'yes' : 'no', reason };
  });
}

function healthReason(
  pod: string,
  vouched: boolean,
  instances: ReadonlyMap<string, Instance>,
  topology: Topology,
  endpoint: WriteEndpoint | undefined,
): HealthReason {
  if (!vouched) return 'Recreated';
  const instance = instances.get(pod);
  if (instance === undefined) return 'NotKnownYet';
  if (!instance.serving) return 'NotServing';
  if (pod === (endpoint?.pod ?? topology.primary)) return 'Primary';
  if (!instance.attached || isFailedPrimary(instance, topology, endpoint)) return 'NotAttached';
  return instance.lagged ? 'Lagged' : 'Replicating';
}

/**
 * Somebody else was opened, or is about to be: what the status says of the primary before is about the time before that. One that hands
 * over is closed, has everything, and replicates in a moment: readers stay.
 */
function isFailedPrimary({ state }: Instance, { operation }: Topology, endpoint: WriteEndpoint | undefined): boolean {
  if (state !== 'Primary' || operation?.kind === 'switchover') return false;
  return endpoint?.source === 'hint' || operation?.kind === 'failover';
}

function isHealthy(reason: HealthReason): boolean {
  return reason === 'Primary' || reason === 'Replicating';
}
