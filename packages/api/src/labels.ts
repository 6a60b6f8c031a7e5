import { apiGroup } from './names.ts';

/** Label keys; bare `role` and `healthy` are what users' own Services and dashboards select on. */
export const labelKeys = {
  cluster: `${apiGroup}/cluster`,
  name: 'app.kubernetes.io/name',
  managedBy: 'app.kubernetes.io/managed-by',
  instance: 'app.kubernetes.io/instance',
  version: 'app.kubernetes.io/version',
  component: 'app.kubernetes.io/component',
  partOf: 'app.kubernetes.io/part-of',
  serviceType: `${apiGroup}/service-type`,
  role: 'role',
  healthy: 'healthy',
} as const;

export const appName = 'mysql';
export const managedBy = apiGroup;

export type Role = 'master' | 'replica';
export type Healthy = 'yes' | 'no';
export type ServiceType = 'namespace-nodes' | 'master' | 'ready-nodes' | 'ready-replicas';

/** Annotations on a MysqlCluster that override the label of the same key on everything made for it. */
const overridableLabels = [labelKeys.instance, labelKeys.component, labelKeys.partOf] as const;

/** Annotation that keeps the old operator, should somebody roll back to it, out of its one-off upgrade path. */
export const versionAnnotation = { key: `${apiGroup}/version`, value: '300' } as const;

/** The three labels of every selector; immutable in a StatefulSet, hence for ever. */
export const selectorLabels = (cluster: string): Record<string, string> => ({
  [labelKeys.cluster]: cluster,
  [labelKeys.name]: appName,
  [labelKeys.managedBy]: managedBy,
});

/** Selects the pods of all clusters. */
export const anyClusterLabels = (): Record<string, string> => ({
  [labelKeys.name]: appName,
  [labelKeys.managedBy]: managedBy,
});

/** Labels of objects made for a cluster: the selector's, plus informative ones that annotations of the cluster override. */
export function objectLabels(
  cluster: string,
  options: { version?: string | undefined; annotations?: Readonly<Record<string, string>> | undefined } = {},
): Record<string, string> {
  const labels: Record<string, string> = {
    ...selectorLabels(cluster),
    [labelKeys.instance]: cluster,
    [labelKeys.component]: 'database',
  };
  if (options.version !== undefined) labels[labelKeys.version] = options.version;
  for (const key of overridableLabels) {
    const value = options.annotations?.[key];
    if (value !== undefined && isLabelValue(value)) labels[key] = value;
  }
  return labels;
}

export type EndpointService = Exclude<ServiceType, 'namespace-nodes'>;

/** What the Services of one cluster add to the selector labels. */
export function serviceSelector(cluster: string, type: EndpointService): Record<string, string> {
  switch (type) {
    case 'master':
      return { ...selectorLabels(cluster), [labelKeys.role]: 'master' };
    case 'ready-nodes':
      return { ...selectorLabels(cluster), [labelKeys.healthy]: 'yes' };
    case 'ready-replicas':
      return { ...selectorLabels(cluster), [labelKeys.role]: 'replica', [labelKeys.healthy]: 'yes' };
  }
}

/** Kubernetes' rule for label values. An annotation may hold anything, so it is checked before it becomes a label. */
export function isLabelValue(value: string): boolean {
  return value.length <= 63 && /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/.test(value);
}
