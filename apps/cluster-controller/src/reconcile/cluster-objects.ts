import {
  configMapName,
  masterServiceName,
  operatedSecretName,
  podDisruptionBudgetName,
  replicasServiceName,
  statefulSetName,
} from '@pilotfish/api';

/** Names of all objects made for a cluster, the namespace's headless Service aside. */
export function namesOf(cluster: string): string[] {
  return [
    statefulSetName(cluster),
    configMapName(cluster),
    podDisruptionBudgetName(cluster),
    masterServiceName(cluster),
    replicasServiceName(cluster),
    operatedSecretName(cluster),
  ];
}
