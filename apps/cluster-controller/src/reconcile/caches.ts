import { anyClusterLabels, headlessServiceName, labelKeys } from '@pilotfish/api';
import {
  type ConfigMap,
  type Controller,
  configMaps,
  Informer,
  type KubeClient,
  type KubeMetrics,
  type KubeObject,
  keyOf,
  type PersistentVolumeClaim,
  type Pod,
  type PodDisruptionBudget,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  type Resource,
  type Service,
  type StatefulSet,
  services,
  statefulSets,
} from '@pilotfish/kube';
import type { Logger } from '@pilotfish/service';
import { mysqlClusters, type RawCluster } from './resources.ts';

/** Finds the objects of one cluster. */
type OfCluster<T extends KubeObject> = Informer<T, 'cluster'>;

/** Local copies of all that decisions are made from. Secrets are not among them: they are read when they are needed. */
export interface Caches {
  readonly clusters: Informer<RawCluster>;
  readonly statefulSets: OfCluster<StatefulSet>;
  readonly pods: OfCluster<Pod>;
  readonly claims: OfCluster<PersistentVolumeClaim>;
  readonly services: OfCluster<Service>;
  readonly configMaps: OfCluster<ConfigMap>;
  readonly budgets: OfCluster<PodDisruptionBudget>;
}

export interface CacheOptions {
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly metrics?: KubeMetrics;
  /** Empty: all. */
  readonly namespace: string;
}

/** Selects the objects of all clusters. */
export const clusterObjects = Object.entries(anyClusterLabels())
  .map(([key, value]) => `${key}=${value}`)
  .join(',');

export function createCaches(options: CacheOptions): Caches {
  const labelled = <T extends KubeObject>(resource: Resource<T>): OfCluster<T> =>
    new Informer<T, 'cluster'>({
      ...options,
      resource,
      labelSelector: clusterObjects,
      indexes: { cluster: clusterKeys },
    });
  return {
    clusters: new Informer({ ...options, resource: mysqlClusters }),
    statefulSets: labelled(statefulSets),
    pods: labelled(pods),
    claims: labelled(persistentVolumeClaims),
    services: labelled(services),
    configMaps: labelled(configMaps),
    budgets: labelled(podDisruptionBudgets),
  };
}

/** Key of the cluster an object belongs to, by its label; none for the headless Service, which belongs to all. */
export function clusterKeys(object: KubeObject): string[] {
  const { namespace, labels } = object.metadata;
  const cluster = labels?.[labelKeys.cluster];
  return cluster === undefined ? [] : [keyOf({ metadata: { name: cluster, ...(namespace ? { namespace } : {}) } })];
}

/** Every change of a cluster or of something that belongs to it makes the cluster due. */
export function watchAll(controller: Controller, caches: Caches): void {
  controller.watches(caches.clusters);
  controller.watches(caches.statefulSets, clusterKeys);
  controller.watches(caches.pods, clusterKeys);
  controller.watches(caches.claims, clusterKeys);
  controller.watches(caches.configMaps, clusterKeys);
  controller.watches(caches.budgets, clusterKeys);
  controller.watches(caches.services, (service) => {
    if (service.metadata.name !== headlessServiceName) return clusterKeys(service);
    const { namespace } = service.metadata;
    return caches.clusters.store
      .list()
      .flatMap((cluster) => (cluster.metadata.namespace === namespace ? [keyOf(cluster)] : []));
  });
}

/** What runs of them, and when each is complete. */
export interface RunningCache {
  readonly resource: { readonly plural: string };
  readonly readiness: () => string | undefined;
  run(signal: AbortSignal): Promise<void>;
}

export function informersOf(caches: Caches): RunningCache[] {
  const {
    clusters,
    statefulSets: sets,
    pods: instances,
    claims,
    services: endpoints,
    configMaps: files,
    budgets,
  } = caches;
  return [clusters, sets, instances, claims, endpoints, files, budgets];
}
