import type { ResolvedCluster } from '@pilotfish/api';
import {
  type KubeClient,
  type PersistentVolumeClaim,
  type Pod,
  persistentVolumeClaims,
  type StatefulSet,
} from '@pilotfish/kube';
import { type ClaimRemoval, planVolumes } from '../plan/plan-volumes.ts';
import { readLiveState } from './live-state.ts';

interface Input {
  readonly cluster: ResolvedCluster;
  readonly statefulSet: StatefulSet | undefined;
  readonly pods: readonly Pod[];
}

export type RemovalResult =
  | { readonly removal: ClaimRemoval; readonly error?: never }
  | { readonly removal: ClaimRemoval; readonly error: unknown };

/** Deletes the claims of instances that were scaled away, those that planVolumes still names when asked a second time. */
export async function removeVolumes(
  client: KubeClient,
  input: Input & { readonly claims: readonly PersistentVolumeClaim[] },
  signal: AbortSignal,
): Promise<RemovalResult[]> {
  if (plan(input, input.claims).length === 0) return [];
  const live = await readLiveState(client, input.cluster, signal);
  if (live === undefined) return [];
  const { namespace } = live.cluster.metadata;
  const results: RemovalResult[] = [];
  for (const removal of plan(live, input.claims)) {
    const { name, uid } = removal.claim;
    try {
      await client.delete(persistentVolumeClaims, { namespace, name }, { preconditions: { uid }, signal });
      results.push({ removal });
    } catch (error) {
      results.push({ removal, error });
    }
  }
  return results;
}

function plan({ cluster, statefulSet, pods }: Input, claims: readonly PersistentVolumeClaim[]): ClaimRemoval[] {
  return planVolumes({
    cluster: cluster.metadata.name,
    wanted: cluster.spec.replicas,
    current: statefulSet?.spec.replicas,
    pods: pods.map((pod) => pod.metadata.name),
    claims: claims.map(({ metadata }) => ({
      name: metadata.name,
      uid: metadata.uid ?? '',
      terminating: metadata.deletionTimestamp !== undefined,
    })),
    keepAfterDelete: cluster.spec.keepAfterDelete,
    topology: cluster.status.topology,
  });
}
