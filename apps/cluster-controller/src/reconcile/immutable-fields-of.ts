import type { StatefulSet } from '@pilotfish/kube';
import type { ImmutableFields } from '../objects/stateful-set.ts';

/** What of an existing StatefulSet has to be said again as it is. */
export function immutableFieldsOf({ spec }: StatefulSet): ImmutableFields {
  return {
    podManagementPolicy: spec.podManagementPolicy ?? 'OrderedReady',
    claimTemplates: (spec.volumeClaimTemplates ?? []).map(({ metadata, spec: claim }) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: metadata?.name ?? '',
        ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
        ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
        // The operator of old made each claim belong to its cluster this way.
        ...(metadata?.ownerReferences === undefined ? {} : { ownerReferences: metadata.ownerReferences }),
      },
      spec: { ...claim },
    })),
  };
}
