import { fieldManagers } from '@pilotfish/api';
import { type KubeClient, keyOf } from '@pilotfish/kube';
import { mysqlClusters, type RawCluster } from './resources.ts';

/** Put on by the operator that was here before; nobody else would take them off. */
const finalizersOfOld: ReadonlySet<string> = new Set([
  'mysql.presslabs.org/registered-in-orchestrator',
  'OrchestratorFinalizer',
]);

/** Lets a cluster that is being deleted go. Finalizers of others stay. True when there was something to do. */
export async function releaseFinalizers(
  client: Pick<KubeClient, 'patchMerge'>,
  cluster: RawCluster,
  signal: AbortSignal,
): Promise<boolean> {
  const { finalizers = [], resourceVersion } = cluster.metadata;
  const kept = finalizers.filter((finalizer) => !finalizersOfOld.has(finalizer));
  if (kept.length === finalizers.length) return false;
  if (resourceVersion === undefined) throw new Error(`${keyOf(cluster)} has no resourceVersion`);
  const patch = { metadata: { finalizers: kept, resourceVersion } };
  await client.patchMerge(mysqlClusters, cluster.metadata, patch, {
    fieldManager: fieldManagers.clusterController,
    signal,
  });
  return true;
}
