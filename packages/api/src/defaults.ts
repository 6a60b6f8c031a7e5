import type { MysqlClusterSpec } from './cluster-spec.ts';
import { selectorLabels } from './labels.ts';
import type { MysqlCluster } from './mysql-cluster.ts';
import type { PodSpec, ResourceRequirements } from './pod-spec.ts';
import type { Quantity } from './quantity.ts';
import type { ReplicationSpec } from './replication-spec.ts';
import type { PersistentVolumeClaimSpec, VolumeSpec } from './volume-spec.ts';

/** Data volume of the pods, decided: exactly one kind. */
export type DataVolume =
  | {
      readonly kind: 'persistentVolumeClaim';
      readonly claim: PersistentVolumeClaimSpec & { accessModes: string[] };
      readonly storage: Quantity;
    }
  | { readonly kind: 'hostPath'; readonly hostPath: NonNullable<VolumeSpec['hostPath']> }
  | { readonly kind: 'emptyDir'; readonly emptyDir: NonNullable<VolumeSpec['emptyDir']> };

export interface ResolvedPodSpec extends PodSpec {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  resources: ResourceRequirements;
  affinity: Record<string, unknown>;
  metricsExporterResources: ResourceRequirements;
  mysqlOperatorSidecarResources: ResourceRequirements;
}

/** The spec with nothing left open. minAvailable undefined means: no PodDisruptionBudget. */
export interface ResolvedSpec extends Omit<MysqlClusterSpec, 'volumeSpec' | 'minAvailable'> {
  replicas: number;
  mysqlConf: Record<string, string | number>;
  podSpec: ResolvedPodSpec;
  dataVolume: DataVolume;
  keepAfterDelete: boolean;
  readOnly: boolean;
  maxSlaveLatency: number;
  minAvailable: string | number | undefined;
  serverIDOffset: number;
  /** `failover` stays as it was written: beneath it are the operator's settings, which the topology engine knows. */
  replication: { [Field in keyof ReplicationSpec]-?: NonNullable<ReplicationSpec[Field]> };
}

export interface ResolvedCluster extends Omit<MysqlCluster, 'spec'> {
  readonly spec: ResolvedSpec;
}

export const defaults = {
  replicas: 1,
  maxSlaveLatency: 30,
  minAvailable: '50%',
  serverIDOffset: 100,
  accessMode: 'ReadWriteOnce',
  storage: '1Gi',
  mode: 'semiSync',
  dataDurability: 'preferred',
  ackZones: 'any',
  errantPolicy: 'auto',
  isolationTimeoutSeconds: 10,
  mysqlRequests: { cpu: '200m', memory: '1Gi' },
  exporterRequests: { cpu: '10m', memory: '32Mi' },
  exporterLimits: { cpu: '100m', memory: '128Mi' },
  sidecarRequests: { cpu: '10m', memory: '96Mi' },
} as const;

/** Applies the defaults in memory; they are never written back, so that a later version may choose better ones. */
export function withDefaults(cluster: MysqlCluster): ResolvedCluster {
  const { volumeSpec, ...spec } = cluster.spec;
  const replicas = spec.replicas ?? defaults.replicas;
  return {
    ...cluster,
    spec: {
      ...spec,
      replicas,
      mysqlConf: spec.mysqlConf ?? {},
      podSpec: resolvePodSpec(cluster.metadata.name, spec.podSpec ?? {}),
      dataVolume: resolveDataVolume(volumeSpec ?? {}),
      keepAfterDelete: volumeSpec?.keepAfterDelete ?? false,
      readOnly: spec.readOnly ?? false,
      maxSlaveLatency: spec.maxSlaveLatency ?? defaults.maxSlaveLatency,
      minAvailable: spec.minAvailable ?? (replicas > 1 ? defaults.minAvailable : undefined),
      serverIDOffset: spec.serverIDOffset ?? defaults.serverIDOffset,
      replication: {
        mode: spec.replication?.mode ?? defaults.mode,
        dataDurability: spec.replication?.dataDurability ?? defaults.dataDurability,
        ackZones: spec.replication?.ackZones ?? defaults.ackZones,
        errantPolicy: spec.replication?.errantPolicy ?? defaults.errantPolicy,
        isolationTimeoutSeconds: spec.replication?.isolationTimeoutSeconds ?? defaults.isolationTimeoutSeconds,
        failover: spec.replication?.failover ?? {},
      },
    },
  };
}

function resolvePodSpec(cluster: string, spec: PodSpec): ResolvedPodSpec {
  const exporter = spec.metricsExporterResources;
  const sidecar = spec.mysqlOperatorSidecarResources;
  return {
    ...spec,
    labels: spec.labels ?? {},
    annotations: spec.annotations ?? {},
    resources: withRequests(spec.resources, defaults.mysqlRequests),
    affinity: spec.affinity ?? spreadOverNodes(cluster),
    metricsExporterResources: {
      requests: exporter?.requests ?? without(defaults.exporterRequests, exporter?.limits),
      limits: exporter?.limits ?? without(defaults.exporterLimits, exporter?.requests),
    },
    mysqlOperatorSidecarResources: withRequests(sidecar, defaults.sidecarRequests),
  };
}

type Quantities = Readonly<Record<string, Quantity>>;

function withRequests(given: ResourceRequirements | undefined, requests: Quantities): ResourceRequirements {
  return given?.requests === undefined ? { ...given, requests: without(requests, given?.limits) } : given;
}

/** A default must not meet a given value of the same resource: a request above its limit is refused by Kubernetes. */
function without(quantities: Quantities, given: Quantities | undefined): Record<string, Quantity> {
  return Object.fromEntries(Object.entries(quantities).filter(([resource]) => given?.[resource] === undefined));
}

/** Prefers nodes without another instance. The version is left out, or old and new pods of an upgrade would share nodes. */
function spreadOverNodes(cluster: string): Record<string, unknown> {
  return {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: {
            topologyKey: 'kubernetes.io/hostname',
            labelSelector: { matchLabels: selectorLabels(cluster) },
          },
        },
      ],
    },
  };
}

function resolveDataVolume(spec: VolumeSpec): DataVolume {
  if (spec.persistentVolumeClaim !== undefined) {
    const claim = spec.persistentVolumeClaim;
    const storage = claim.resources?.requests?.storage ?? defaults.storage;
    return {
      kind: 'persistentVolumeClaim',
      claim: {
        ...claim,
        accessModes: claim.accessModes ?? [defaults.accessMode],
        resources: { ...claim.resources, requests: { storage } },
      },
      storage,
    };
  }
  if (spec.hostPath !== undefined) return { kind: 'hostPath', hostPath: spec.hostPath };
  return { kind: 'emptyDir', emptyDir: spec.emptyDir ?? {} };
}
