import {
  apiGroup,
  apiVersionName,
  type Condition,
  kind,
  type NodeStatus,
  plural,
  topologyStatus,
} from '@pilotfish/api';
import { defineResource, type KubeObject, type ObjectMeta } from '@pilotfish/kube';
import { z } from 'zod';

/** A MysqlCluster as the API gives it: read through `clusterView` only. */
export interface RawCluster extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

export const mysqlClusters = defineResource<RawCluster>({
  group: apiGroup,
  version: apiVersionName,
  plural,
  kind,
  namespaced: true,
});

/**
 * Only what decides labels and node statuses: a spec that an older rule let in, or a field of a newer engine, must not
 * keep the Services from following the primary.
 */
const operation = z.object({ kind: z.string(), to: z.string(), phase: z.string() });
const topology = topologyStatus
  .pick({ primary: true, epoch: true, writable: true, instances: true })
  .extend({ operation: operation.optional().catch(undefined) });

/** What was written here, read back: what does not look like that is written anew. */
const written = { status: z.enum(['True', 'False', 'Unknown']), lastTransitionTime: z.string() };
const conditions = z.array(z.object({ type: z.string(), ...written, reason: z.string(), message: z.string() }));
const nodeCondition = z.object({ type: z.enum(['Lagged', 'Replicating', 'Master', 'ReadOnly']), ...written });
const nodes = z.array(z.object({ name: z.string(), conditions: z.array(nodeCondition) }));

export type Topology = z.output<typeof topology>;
export type Instance = Topology['instances'][number];

/** What is kept of a MysqlCluster. */
export interface ClusterView extends KubeObject {
  readonly metadata: ObjectMeta & { readonly namespace: string; readonly uid: string };
  readonly replicas: number;
  /** `absent`: the engine has not spoken yet, or the cluster is an adopted one. `malformed`: not to be acted on either. */
  readonly topology: Topology | 'absent' | 'malformed';
  readonly conditions: readonly Condition[];
  readonly nodes: readonly NodeStatus[];
}

/** Never throws. */
export function clusterView({ apiVersion, kind, metadata, spec, status }: RawCluster): ClusterView {
  const { name, namespace = '', uid = '', resourceVersion = '' } = metadata;
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: { name, namespace, uid, resourceVersion },
    replicas: z.int().min(0).catch(1).parse(fieldOf(spec, 'replicas')),
    topology: topologyOf(fieldOf(status, 'topology')),
    conditions: conditions.catch([]).parse(fieldOf(status, 'conditions')),
    nodes: nodes.catch([]).parse(fieldOf(status, 'nodes')),
  };
}

function topologyOf(raw: unknown): ClusterView['topology'] {
  if (raw === undefined || raw === null) return 'absent';
  const result = topology.safeParse(raw);
  return result.success ? result.data : 'malformed';
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
