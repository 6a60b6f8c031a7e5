import { fieldManagers, type ResolvedCluster, statefulSetName, versionAnnotation } from '@pilotfish/api';
import { type KubeClient, type StatefulSet, statefulSets } from '@pilotfish/kube';
import type { BuildSettings, ClusterContext } from '../model/cluster-context.ts';
import { type ImageTable, resolveMysqlImage } from '../model/mysql-image.ts';
import type { Problem } from '../model/problem.ts';
import type { Attempts } from './attempts.ts';
import type { Caches } from './caches.ts';
import { checkUserSecret } from './check-user-secret.ts';
import { mysqlClusters } from './resources.ts';

interface Dependencies {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly settings: BuildSettings;
  readonly images: ImageTable;
}

/** What a pass over a cluster starts from. */
export interface Survey {
  readonly context: ClusterContext;
  readonly statefulSet: StatefulSet | undefined;
  readonly problems: readonly Problem[];
}

/** Looks at all that a cluster refers to and that is there already. */
export async function surveyCluster(
  dependencies: Dependencies,
  cluster: ResolvedCluster,
  attempts: Attempts,
  signal: AbortSignal,
): Promise<Survey> {
  const { client, settings, images } = dependencies;
  const { namespace } = cluster.metadata;
  const [secretProblems, found] = await Promise.all([
    attempts.run(checkUserSecret(client, namespace, cluster.spec.secretName, signal), []),
    attempts.run(findStatefulSet(dependencies, cluster, signal), 'not known' as const),
    attempts.run(markVersion(client, cluster, signal), undefined),
  ]);
  const image = resolveMysqlImage(cluster.spec, images);
  const imageProblems = 'image' in image ? [] : [image];
  // While it is not known what is there, no StatefulSet is applied: its number of pods or its volumes could be wrong.
  const mysql = 'image' in image && found !== 'not known' ? image : undefined;
  return {
    context: { cluster, settings, mysql },
    statefulSet: found === 'not known' ? undefined : found,
    problems: [...imageProblems, ...secretProblems],
  };
}

/** The cache holds those with our labels; one of the operator of old has none yet. */
async function findStatefulSet(
  { client, caches }: Dependencies,
  { metadata }: ResolvedCluster,
  signal: AbortSignal,
): Promise<StatefulSet | undefined> {
  const ref = { namespace: metadata.namespace, name: statefulSetName(metadata.name) };
  const cached = caches.statefulSets.store.get(`${ref.namespace}/${ref.name}`);
  return cached ?? (await client.find(statefulSets, ref, { signal }));
}

async function markVersion(client: KubeClient, { metadata }: ResolvedCluster, signal: AbortSignal): Promise<void> {
  const { key, value } = versionAnnotation;
  if (metadata.annotations[key] === value) return;
  const patch = { metadata: { uid: metadata.uid, annotations: { [key]: value } } };
  await client.patchMerge(mysqlClusters, metadata, patch, { fieldManager: fieldManagers.clusterController, signal });
}
