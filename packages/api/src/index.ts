export type { MysqlClusterSpec } from './cluster-spec.ts';
export type {
  Condition,
  ConditionStatus,
  FormerPrimaryStatus,
  InstanceState,
  InstanceStatus,
  MysqlClusterStatus,
  NodeConditionType,
  NodeStatus,
  Phase,
  TopologyHold,
  TopologyOperation,
  TopologyOrders,
  TopologyStatus,
} from './cluster-status.ts';
export { topologyStatus } from './cluster-status.ts';
export {
  type ConditionMeaning,
  type ConditionReason,
  type ConditionType,
  conditionTypes,
  conditionVocabulary,
  findCondition,
  makeCondition,
  type ReasonMeaning,
  sameCondition,
} from './conditions.ts';
export {
  type DataVolume,
  defaults,
  type ResolvedCluster,
  type ResolvedPodSpec,
  type ResolvedSpec,
  withDefaults,
} from './defaults.ts';
export {
  anyClusterLabels,
  type EndpointService,
  type Healthy,
  labelKeys,
  managedBy,
  objectLabels,
  type Role,
  type ServiceType,
  selectorLabels,
  serviceSelector,
  versionAnnotation,
} from './labels.ts';
export {
  type ClusterMetadata,
  type MysqlCluster,
  type ParseResult,
  type Problem,
  parseCluster,
} from './mysql-cluster.ts';
export {
  accounts,
  apiGroup,
  apiVersion,
  apiVersionName,
  claimName,
  configMapName,
  containerNames,
  fieldManagers,
  headlessServiceName,
  healthyServiceName,
  instanceHost,
  kind,
  leaseNames,
  longestHostLength,
  masterHost,
  masterServiceName,
  maxHostLength,
  maxReplicas,
  operatedSecretKeys,
  operatedSecretName,
  operatorSchema,
  ordinalOf,
  plural,
  podDisruptionBudgetName,
  podHost,
  podName,
  portNames,
  ports,
  replicasServiceName,
  statefulSetName,
  userSecretKeys,
  volumeNames,
} from './names.ts';
export {
  type HookMoment,
  type HookPlaceholder,
  hookCommand,
  hookMoments,
  hookPlaceholders,
  withPlaceholders,
} from './orchestrator/hook-command.ts';
export {
  orchestratorSettings,
  type ParsedSettings,
  parseOrchestratorConfig,
} from './orchestrator/parse-settings.ts';
export type {
  ClusterFilter,
  OrchestratorHook,
  OrchestratorSettings,
} from './orchestrator/setting.ts';
export type { PodSpec, ResourceRequirements } from './pod-spec.ts';
export { type Quantity, quantityValue } from './quantity.ts';
export type { DataDurability, FailoverSpec, ReplicationSpec } from './replication-spec.ts';
export type { PersistentVolumeClaimSpec, VolumeSpec } from './volume-spec.ts';
