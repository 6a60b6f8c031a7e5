export { type AccessRequest, AccessReview, type TokenOwner } from './access-review.ts';
export {
  configMaps,
  events,
  leases,
  namespaces,
  nodes,
  persistentVolumeClaims,
  podDisruptionBudgets,
  pods,
  secrets,
  services,
  statefulSets,
} from './builtin-resources.ts';
export type {
  ConfigMap,
  CoreEvent,
  Json,
  Lease,
  Node,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  Pod,
  PodDisruptionBudget,
  PodSpec,
  PodStatus,
  Secret,
  Service,
  ServiceSpec,
  StatefulSet,
  StatefulSetSpec,
} from './builtin-types.ts';
export { type ConnectOptions, connectKube, connectKubeOrExit } from './connect.ts';
export {
  Controller,
  type ControllerOptions,
  type Reconcile,
  type ReconcileContext,
  ReconcileDeadlineError,
  type WatchRule,
} from './controller.ts';
export { EventRecorder, type EventRecorderOptions, type RecordedEvent } from './event-recorder.ts';
export { type ChangeHandler, Informer, type InformerOptions, withoutManagement } from './informer.ts';
export {
  type Applied,
  type ApplyOptions,
  type DeleteOptions,
  type JsonPatch,
  KubeClient,
  type ListOptions,
  type ListResult,
  type MergePatch,
  type RequestOptions,
  type Selection,
  type WatchOptions,
  type WriteOptions,
} from './kube-client.ts';
export { KubeError, type StatusCause } from './kube-error.ts';
export { type KubeMetrics, noKubeMetrics } from './kube-metrics.ts';
export {
  controllerReference,
  type KubeObject,
  keyOf,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  refOfKey,
} from './kube-object.ts';
export { LeaderElection, type LeaderElectionOptions, LeadershipLostError } from './leader-election.ts';
export type { LeaseClient } from './lease-keeper.ts';
export { defaultLeaseTiming, type LeaseTiming } from './lease-timing.ts';
export { Membership, type MembershipOptions } from './membership.ts';
export { done, type ReconcileResult, requeueAfter, TerminalError } from './reconcile-result.ts';
export type { ReflectorTiming } from './reflector.ts';
export { rendezvousOwner } from './rendezvous.ts';
export { defineResource, type Resource } from './resource.ts';
export type { Change, IndexFunction, ReadonlyStore } from './store.ts';
export type { WatchEvent } from './watch-stream.ts';
export { type Priority, WorkQueue, type WorkQueueOptions } from './work-queue.ts';
