import {
  type InstanceStatus,
  parseCluster,
  type ResolvedCluster,
  type TopologyStatus,
  withDefaults,
} from '@pilotfish/api';
import type { ClusterContext } from '../model/cluster-context.ts';
import type { MysqlImage } from '../model/mysql-image.ts';
import type { PodFacts } from '../plan/pod-facts.ts';

/** The manifest that users of the operator of old have. */
export const manifest = {
  apiVersion: 'mysql.presslabs.org/v1alpha1',
  kind: 'MysqlCluster',
  metadata: { name: 'my-cluster-1', namespace: 'shop', uid: 'uid-1', generation: 1 },
  spec: {
    replicas: 5,
    secretName: 'my-secret',
    volumeSpec: {
      persistentVolumeClaim: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'ceph-rbd',
        resources: { requests: { storage: '1Gi' } },
      },
    },
  },
};

export interface ClusterOverrides {
  readonly metadata?: Record<string, unknown>;
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

export function cluster({ metadata, spec, status }: ClusterOverrides = {}): ResolvedCluster {
  const parsed = parseCluster({
    ...manifest,
    metadata: { ...manifest.metadata, ...metadata },
    spec: { ...manifest.spec, ...spec },
    ...(status === undefined ? {} : { status }),
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return withDefaults(parsed.cluster);
}

export const mysql97: MysqlImage = { image: 'registry/mysql:9.7.0', version: [9, 7, 0], percona: false };

export function context(overrides: ClusterOverrides = {}, mysql: MysqlImage | undefined = mysql97): ClusterContext {
  const settings = {
    agentImage: 'registry/agent:1',
    exporterImage: 'registry/exporter:1',
    imagePullPolicy: 'IfNotPresent',
  };
  return { cluster: cluster(overrides), mysql, settings: { ...settings, imagePullPolicy: 'IfNotPresent' } };
}

export function podFacts(ordinal: number, facts: Partial<PodFacts> = {}): PodFacts {
  return {
    name: `my-cluster-1-mysql-${String(ordinal)}`,
    ordinal,
    uid: `pod-${String(ordinal)}`,
    revision: 'new',
    ready: true,
    readinessSinceMs: 0,
    terminating: false,
    faults: [],
    ...facts,
  };
}

export function instance(ordinal: number, facts: Partial<InstanceStatus> = {}): InstanceStatus {
  return {
    name: `my-cluster-1-mysql-${String(ordinal)}`,
    state: 'Replicating',
    serving: true,
    attached: true,
    lagged: false,
    caughtUp: true,
    readOnly: true,
    ...facts,
  };
}

/** A healthy topology with this primary and so many instances. */
export function topology(primary: number, replicas: number, facts: Partial<TopologyStatus> = {}): TopologyStatus {
  const ordinals = Array.from({ length: replicas }, (_, ordinal) => ordinal);
  return {
    primary: `my-cluster-1-mysql-${String(primary)}`,
    epoch: 1,
    initialized: true,
    ackSet: { members: [], k: replicas > 1 ? 1 : 0 },
    writable: true,
    instances: ordinals.map((ordinal) => {
      return ordinal === primary
        ? instance(ordinal, { state: 'Primary', attached: false, readOnly: false })
        : instance(ordinal);
    }),
    ...facts,
  };
}
