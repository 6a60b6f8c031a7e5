import type {
  ConfigMap,
  CoreEvent,
  Lease,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  Secret,
  Service,
  StatefulSet,
} from './builtin-types.ts';
import type { KubeObject } from './kube-object.ts';
import { defineResource } from './resource.ts';

const core = { group: '', version: 'v1', namespaced: true };

export const pods = defineResource<Pod>({ ...core, plural: 'pods', kind: 'Pod' });
export const nodes = defineResource<Node>({ ...core, plural: 'nodes', kind: 'Node', namespaced: false });
export const namespaces = defineResource<KubeObject>({
  ...core,
  plural: 'namespaces',
  kind: 'Namespace',
  namespaced: false,
});
export const services = defineResource<Service>({ ...core, plural: 'services', kind: 'Service' });
export const configMaps = defineResource<ConfigMap>({ ...core, plural: 'configmaps', kind: 'ConfigMap' });
export const secrets = defineResource<Secret>({ ...core, plural: 'secrets', kind: 'Secret' });
export const events = defineResource<CoreEvent>({ ...core, plural: 'events', kind: 'Event' });
export const persistentVolumeClaims = defineResource<PersistentVolumeClaim>({
  ...core,
  plural: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
});
export const statefulSets = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  kind: 'StatefulSet',
  namespaced: true,
});
export const podDisruptionBudgets = defineResource<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  plural: 'poddisruptionbudgets',
  kind: 'PodDisruptionBudget',
  namespaced: true,
});
export const leases = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
});
