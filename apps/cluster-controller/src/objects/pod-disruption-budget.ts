import { podDisruptionBudgetName, selectorLabels } from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { PodDisruptionBudgetManifest } from './manifest.ts';
import { ownedMetadata } from './metadata.ts';

/**
 * How many instances a drain leaves up. Undefined for one instance or none: a budget could only block every drain of its
 * node. Pods that are not Ready do not count as up, and may always be evicted.
 */
export function podDisruptionBudget(context: ClusterContext): PodDisruptionBudgetManifest | undefined {
  const { metadata, spec } = context.cluster;
  if (spec.replicas <= 1 || spec.minAvailable === undefined) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: ownedMetadata(context, podDisruptionBudgetName(metadata.name)),
    spec: {
      minAvailable: intOrPercentage(spec.minAvailable),
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: selectorLabels(metadata.name) },
    },
  };
}

/** Kubernetes takes `"1"` for a malformed percentage, so a number in quotes becomes a number. */
function intOrPercentage(value: string | number): string | number {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
}
