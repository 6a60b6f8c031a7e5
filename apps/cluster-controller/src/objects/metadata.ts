import { apiVersion, kind, objectLabels, type ResolvedCluster } from '@pilotfish/api';
import { type ClusterContext, versionText } from '../model/cluster-context.ts';
import type { Labels, ManifestMetadata, OwnerReference } from './manifest.ts';

/** Makes Kubernetes delete an object together with its cluster. */
export function ownedBy(cluster: ResolvedCluster): OwnerReference {
  const { name, uid } = cluster.metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** Labels of an object that belongs to a cluster. */
export function labelsOf({ cluster, mysql }: ClusterContext): Labels {
  const { name, annotations } = cluster.metadata;
  return objectLabels(name, { version: versionText(mysql), annotations });
}

/** Metadata of an object that belongs to a cluster. */
export function ownedMetadata(context: ClusterContext, name: string, extraLabels: Labels = {}): ManifestMetadata {
  return {
    name,
    namespace: context.cluster.metadata.namespace,
    labels: { ...labelsOf(context), ...extraLabels },
    ownerReferences: [ownedBy(context.cluster)],
  };
}
