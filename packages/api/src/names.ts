/** Names of everything that belongs to a MysqlCluster. Users, dashboards and DNS rely on them: they never change. */

export const apiGroup = 'mysql.presslabs.org';
export const apiVersionName = 'v1alpha1';
export const apiVersion = `${apiGroup}/${apiVersionName}`;
export const kind = 'MysqlCluster';
export const plural = 'mysqlclusters';

/** Field managers of server-side apply: one per service, so that a field has exactly one writer. */
export const fieldManagers = {
  clusterController: 'pilotfish-cluster-controller',
  topologyEngine: 'pilotfish-topology-engine',
  serviceSyncer: 'pilotfish-service-syncer',
} as const;

/** Of Kubernetes ports and Services by name; the numbers are part of the contract. */
export const ports = { mysql: 3306, sidecarHttp: 8080, prometheus: 9125 } as const;
export const portNames = { mysql: 'mysql', sidecarHttp: 'sidecar-http', prometheus: 'prometheus' } as const;

export const containerNames = {
  init: 'init',
  mysql: 'mysql',
  sidecar: 'sidecar',
  metricsExporter: 'metrics-exporter',
} as const;

export const volumeNames = { conf: 'conf', configMap: 'config-map', data: 'data', run: 'run', tmp: 'tmp' } as const;

/** One headless Service for all clusters of a namespace; it gives every pod its DNS name and belongs to no cluster. */
export const headlessServiceName = 'mysql';

/** MySQL keeps host names of replication sources in columns of this many characters. */
export const maxHostLength = 60;

/** Ordinals 0..98: two digits at most, see maxClusterNameLength. */
export const maxReplicas = 99;

export const statefulSetName = (cluster: string): string => `${cluster}-mysql`;
export const configMapName = (cluster: string): string => `${cluster}-mysql`;
export const podDisruptionBudgetName = (cluster: string): string => `${cluster}-mysql`;
export const healthyServiceName = (cluster: string): string => `${cluster}-mysql`;
export const masterServiceName = (cluster: string): string => `${cluster}-mysql-master`;
export const replicasServiceName = (cluster: string): string => `${cluster}-mysql-replicas`;
export const operatedSecretName = (cluster: string): string => `${cluster}-mysql-operated`;
export const podName = (cluster: string, ordinal: number): string => `${cluster}-mysql-${String(ordinal)}`;
export const claimName = (pod: string): string => `${volumeNames.data}-${pod}`;

/** DNS name of a pod inside Kubernetes: MySQL's report-host, and the name in status.nodes. */
export const podHost = (pod: string, namespace: string): string => `${pod}.${headlessServiceName}.${namespace}`;

export const instanceHost = (cluster: string, ordinal: number, namespace: string): string =>
  podHost(podName(cluster, ordinal), namespace);

/** Host name of the Service that always leads to the primary. */
export const masterHost = (cluster: string, namespace: string): string => `${masterServiceName(cluster)}.${namespace}`;

/** Ordinal of a pod of this cluster; undefined for any other name, `db-mysql-01` and `db-mysql-1-x` included. */
export function ordinalOf(cluster: string, pod: string): number | undefined {
  const prefix = `${statefulSetName(cluster)}-`;
  if (!pod.startsWith(prefix)) return undefined;
  const digits = pod.slice(prefix.length);
  return /^(0|[1-9][0-9]{0,8})$/.test(digits) ? Number(digits) : undefined;
}

/** Length of the longest instance host of a cluster that has this many replicas. */
export function longestHostLength(cluster: string, namespace: string, replicas: number): number {
  return instanceHost(cluster, Math.max(replicas - 1, 0), namespace).length;
}

/** Keys of the user's Secret (spec.secretName). */
export const userSecretKeys = {
  rootPassword: 'ROOT_PASSWORD',
  user: 'USER',
  password: 'PASSWORD',
  database: 'DATABASE',
} as const;

/** Keys of the operated Secret, made once per cluster and kept. */
export const operatedSecretKeys = {
  operatorUser: 'OPERATOR_USER',
  operatorPassword: 'OPERATOR_PASSWORD',
  replicationUser: 'REPLICATION_USER',
  replicationPassword: 'REPLICATION_PASSWORD',
  metricsExporterUser: 'METRICS_EXPORTER_USER',
  metricsExporterPassword: 'METRICS_EXPORTER_PASSWORD',
  backupUser: 'BACKUP_USER',
  backupPassword: 'BACKUP_PASSWORD',
  agentToken: 'AGENT_TOKEN',
} as const;

/** MySQL accounts of the operator. */
export const accounts = {
  operator: 'sys_operator',
  replication: 'sys_replication',
  metricsExporter: 'sys_exporter',
  backup: 'sys_backups',
} as const;

/** Schema with the heartbeat and the status table, present in every instance. */
export const operatorSchema = 'sys_operator';

/** Leases in the namespace of the operator's release. */
export const leaseNames = {
  clusterController: 'pilotfish-cluster-controller',
  serviceSyncer: 'pilotfish-service-syncer',
  topologyEngineMember: (pod: string): string => `pilotfish-topology-engine-${pod}`,
} as const;
