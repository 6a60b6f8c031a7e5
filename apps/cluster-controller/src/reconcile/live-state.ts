import {
  type ClusterMetadata,
  parseCluster,
  type ResolvedCluster,
  selectorLabels,
  statefulSetName,
  withDefaults,
} from '@pilotfish/api';
import { type KubeClient, type Pod, pods, type StatefulSet, statefulSets } from '@pilotfish/kube';
import { mysqlClusters, type RawCluster } from './resources.ts';

export interface LiveState {
  readonly cluster: ResolvedCluster;
  readonly statefulSet: StatefulSet | undefined;
  readonly pods: readonly Pod[];
}

/**
 * What is there right now, past the caches: read before anything is taken away, and the plan made again from it.
 * Undefined when the cluster is gone, going, another one, or not valid any more.
 */
export async function readLiveState(
  client: Pick<KubeClient, 'find' | 'list'>,
  { metadata }: { readonly metadata: ClusterMetadata },
  signal: AbortSignal,
): Promise<LiveState | undefined> {
  const { namespace, name, uid } = metadata;
  const labelSelector = Object.entries(selectorLabels(name))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const [raw, statefulSet, list] = await Promise.all([
    client.find(mysqlClusters, { namespace, name }, { signal }),
    client.find(statefulSets, { namespace, name: statefulSetName(name) }, { signal }),
    client.list(pods, { namespace, labelSelector, signal }),
  ]);
  const cluster = raw === undefined ? undefined : readCluster(raw);
  if (cluster === undefined || cluster.metadata.uid !== uid) return undefined;
  if (cluster.metadata.deletionTimestamp !== undefined) return undefined;
  return { cluster, statefulSet, pods: list.items };
}

function readCluster(raw: RawCluster): ResolvedCluster | undefined {
  const parsed = parseCluster(raw);
  return parsed.ok ? withDefaults(parsed.cluster) : undefined;
}
