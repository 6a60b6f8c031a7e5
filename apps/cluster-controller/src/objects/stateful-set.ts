import { headlessServiceName, selectorLabels, statefulSetName } from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { MysqlImage } from '../model/mysql-image.ts';
import type { Problem } from '../model/problem.ts';
import { claimDifferences } from './claim-differences.ts';
import type { ClaimTemplate, StatefulSetManifest } from './manifest.ts';
import { ownedMetadata } from './metadata.ts';
import { podTemplate } from './pod-template.ts';
import { type DataSource, dataSource } from './volumes.ts';

/** Fields of an existing StatefulSet that Kubernetes never lets change. */
export interface ImmutableFields {
  readonly podManagementPolicy: string;
  readonly claimTemplates: readonly ClaimTemplate[];
}

export interface StatefulSetInput {
  readonly mysql: MysqlImage;
  readonly configHash: string;
  /** Decided by planScale. */
  readonly replicas: number;
  readonly existing: ImmutableFields | undefined;
}

/**
 * The StatefulSet, in a shape that Kubernetes accepts: what cannot change any more is kept as it is, and reported, so
 * that everything else of a new spec still takes effect. Pods are replaced by planRoll (`OnDelete`), because only it knows
 * who is primary; they start together (`Parallel`), because a broken one must not keep the others down.
 */
export function statefulSet(
  context: ClusterContext,
  { mysql, configHash, replicas, existing }: StatefulSetInput,
): { readonly manifest: StatefulSetManifest; readonly problems: readonly Problem[] } {
  const { metadata, spec } = context.cluster;
  const wanted = dataSource(context.cluster);
  const template = existing?.claimTemplates[0];
  const data: DataSource = template === undefined ? wanted : { kind: 'claim', template };
  const manifest: StatefulSetManifest = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: ownedMetadata(context, statefulSetName(metadata.name)),
    spec: {
      replicas,
      serviceName: headlessServiceName,
      podManagementPolicy: existing?.podManagementPolicy ?? 'Parallel',
      updateStrategy: { type: 'OnDelete' },
      // Data outlives scaling: which volumes may go is decided by planVolumes, with proof that the data is elsewhere.
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: spec.keepAfterDelete ? 'Retain' : 'Delete',
        whenScaled: 'Retain',
      },
      revisionHistoryLimit: 10,
      selector: { matchLabels: selectorLabels(metadata.name) },
      template: podTemplate(context, { mysql, configHash, data }),
      ...(data.kind === 'claim' ? { volumeClaimTemplates: [data.template] } : {}),
    },
  };
  return { manifest, problems: existing === undefined ? [] : volumeProblems(existing, wanted) };
}

/** A change of kind cannot be applied in any shape; a claim that differs in its details is kept. */
function volumeProblems({ claimTemplates: [template] }: ImmutableFields, wanted: DataSource): Problem[] {
  const otherKind = (template === undefined) !== (wanted.kind === 'volume');
  const differences = otherKind
    ? ['the kind of the data volumes']
    : template !== undefined && wanted.kind === 'claim'
      ? claimDifferences(template.spec, wanted.template.spec)
      : [];
  if (differences.length === 0) return [];
  return [
    {
      reason: 'ObjectRefused',
      message:
        `volumeSpec differs from the volumes that exist (${differences.join(', ')}), and volumes do not change through the cluster. ` +
        'Set volumeSpec back to what it was. To grow the volumes, edit resources.requests.storage of each PersistentVolumeClaim; ' +
        'for anything else create a new cluster and move the data there.',
      blocks: otherKind ? 'stateful-set' : 'nothing',
    },
  ];
}
