import { type Healthy, labelKeys, ordinalOf, type Role } from '@pilotfish/api';
import { type KubeObject, keyOf, type ObjectMeta, type Pod } from '@pilotfish/kube';

/** What is kept of a pod: its annotations, whatever their size, are not. */
export interface PodView extends KubeObject {
  readonly metadata: ObjectMeta & { readonly namespace: string; readonly uid: string };
  /** Key of the cluster that it is an instance of; undefined when its labels claim what its name does not bear out. */
  readonly clusterKey: string | undefined;
  /** The live labels; empty when missing, or when they hold what we would never write. */
  readonly role: Role | '';
  readonly healthy: Healthy | '';
  readonly ready: boolean;
}

/** Never throws. */
export function podView({ metadata, status }: Pod): PodView {
  const { name, namespace = '', uid = '', resourceVersion = '', labels = {} } = metadata;
  const cluster = labels[labelKeys.cluster] ?? '';
  const isInstance = cluster !== '' && ordinalOf(cluster, name) !== undefined;
  return {
    metadata: { name, namespace, uid, resourceVersion },
    clusterKey: isInstance ? keyOf({ metadata: { namespace, name: cluster } }) : undefined,
    ...liveLabels(labels),
    ready: status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
  };
}

export function liveLabels(labels: Readonly<Record<string, string>>): Pick<PodView, 'role' | 'healthy'> {
  const { [labelKeys.role]: role, [labelKeys.healthy]: healthy } = labels;
  return {
    role: role === 'master' || role === 'replica' ? role : '',
    healthy: healthy === 'yes' || healthy === 'no' ? healthy : '',
  };
}
