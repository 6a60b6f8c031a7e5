import { z } from 'zod';

/** The parts of Kubernetes objects that the scenarios look at. Everything may be missing early in an object's life. */

const labels = z.record(z.string(), z.string()).default({});
const metadata = z.object({
  name: z.string(),
  namespace: z.string().default(''),
  uid: z.string().default(''),
  labels,
  annotations: labels,
  deletionTimestamp: z.string().optional(),
  resourceVersion: z.string().default(''),
});
const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
});
const conditions = z.array(condition).default([]);

const containerStatus = z.object({
  name: z.string(),
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: z.record(z.string(), z.object({ reason: z.string().optional() }).loose()).default({}),
});

export const nodeShape = z.object({
  metadata,
  spec: z.object({ taints: z.array(z.object({ key: z.string() })).default([]) }),
});

export const podShape = z.object({
  metadata,
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(z.object({ name: z.string() })),
    initContainers: z.array(z.object({ name: z.string() })).default([]),
  }),
  status: z
    .object({
      phase: z.string().default(''),
      podIP: z.string().optional(),
      conditions,
      containerStatuses: z.array(containerStatus).default([]),
      initContainerStatuses: z.array(containerStatus).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof podShape>;

export const topologyShape = z.object({
  primary: z.string(),
  epoch: z.number(),
  writable: z.boolean(),
  /** The engine that looks after the cluster, by the name of its pod. */
  owner: z.object({ engine: z.string() }).optional(),
  ackSet: z.object({ members: z.array(z.string()), k: z.number() }).optional(),
  operation: z
    .object({
      kind: z.string(),
      phase: z.string(),
      reason: z.string().default(''),
      engine: z.string().default(''),
      to: z.string().default(''),
    })
    .loose()
    .optional(),
  hold: z.object({ reason: z.string(), message: z.string() }).loose().optional(),
  instances: z
    .array(
      z.object({
        name: z.string(),
        state: z.string(),
        serving: z.boolean(),
        attached: z.boolean(),
        lagged: z.boolean(),
        caughtUp: z.boolean(),
        readOnly: z.boolean(),
        message: z.string().optional(),
      }),
    )
    .default([]),
});
export type Topology = z.infer<typeof topologyShape>;

export const clusterShape = z.object({
  metadata: metadata.extend({ generation: z.number().default(0) }),
  spec: z.object({ replicas: z.number().default(1) }).loose(),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      readyNodes: z.number().default(0),
      phase: z.string().default(''),
      conditions,
      nodes: z
        .array(z.object({ name: z.string(), conditions: z.array(z.object({ type: z.string(), status: z.string() })) }))
        .default([]),
      topology: topologyShape.optional(),
    })
    .prefault({}),
});
export type ClusterObject = z.infer<typeof clusterShape>;

export const endpointSliceShape = z.object({
  metadata,
  endpoints: z
    .array(
      z.object({
        conditions: z.object({ ready: z.boolean().default(true) }).prefault({}),
        targetRef: z.object({ name: z.string() }).optional(),
      }),
    )
    .nullable()
    .default([]),
});

export const eventShape = z.object({
  reason: z.string().default(''),
  message: z.string().default(''),
  type: z.string().default(''),
  involvedObject: z.object({ kind: z.string().default(''), name: z.string().default('') }).prefault({}),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  count: z.number().nullish(),
});

export const workloadShape = z.object({
  metadata,
  spec: z.object({
    replicas: z.number().default(1),
    selector: z.object({ matchLabels: labels }),
    template: z
      .object({ spec: z.object({ containers: z.tuple([z.object({ image: z.string() })], z.unknown()) }) })
      .optional(),
  }),
  status: z
    .object({
      readyReplicas: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
    })
    .prefault({}),
});
export type Workload = z.infer<typeof workloadShape>;

export const leaseShape = z.object({
  metadata,
  spec: z
    .object({
      holderIdentity: z.string().nullish(),
      renewTime: z.string().nullish(),
      leaseDurationSeconds: z.number().nullish(),
      leaseTransitions: z.number().nullish(),
    })
    .prefault({}),
});

/** True when the pod's Ready condition is, and nobody is deleting it. */
export function isReady(pod: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp === undefined &&
    pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  );
}
