import { z } from 'zod';
import { labelKeys } from './labels.ts';
import { containerNames, volumeNames } from './names.ts';
import { quantity } from './quantity.ts';
import { withRules } from './rule.ts';

const dnsName = z.string().max(253);
const text = z.string().max(1024);

/** Part of the pod template that is handed to Kubernetes as it is: the API server checks it when the pod is made. */
const passedOn = (description: string) => z.looseObject({}).meta({ description });

const named = z.looseObject({ name: z.string().max(63) });

/** A list whose entries server-side apply tells apart by name. */
const namedList = (description: string): z.ZodArray<typeof named> =>
  z
    .array(named)
    .max(32)
    .meta({ description, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] });

const quantities = z.record(z.string().max(63), quantity).meta({ maxProperties: 16 });

const resources = (description: string): z.ZodOptional<typeof resourceRequirements> =>
  resourceRequirements.optional().meta({ description });

const resourceRequirements = z.object({
  requests: quantities.optional().meta({ description: 'What the scheduler sets aside.' }),
  limits: quantities.optional().meta({ description: 'What the container cannot exceed.' }),
});

const ownedLabels = [labelKeys.cluster, labelKeys.name, labelKeys.managedBy, labelKeys.role, labelKeys.healthy];

const labels = withRules(
  z
    .record(z.string().max(317), z.string().max(63))
    .meta({ description: 'Added to the labels of the pods.', maxProperties: 64 }),
  [
    {
      cel: ownedLabels.map((key) => `!('${key}' in self)`).join(' && '),
      message: `these labels belong to the operator, Services find the pods by them: ${ownedLabels.join(', ')}. Remove them from podSpec.labels`,
      holds: (value) => ownedLabels.every((key) => !(key in value)),
    },
  ],
);

const takenContainers = [...Object.values(containerNames)];

const extraContainers = (description: string): ReturnType<typeof namedList> =>
  withRules(namedList(description), [
    {
      cel: `self.all(container, !(container.name in [${takenContainers.map((name) => `'${name}'`).join(', ')}]))`,
      message: `the container names ${takenContainers.join(', ')} are taken by the operator: give yours another name`,
      holds: (value) => value.every(({ name }) => !takenContainers.some((taken) => taken === name)),
    },
  ]);

const takenVolumes = [...Object.values(volumeNames)];

const volumes = withRules(namedList('Extra volumes of the pods.'), [
  {
    cel: `self.all(volume, !(volume.name in [${takenVolumes.map((name) => `'${name}'`).join(', ')}]))`,
    message: `the volume names ${takenVolumes.join(', ')} are taken by the operator: give yours another name`,
    holds: (value) => value.every(({ name }) => !takenVolumes.some((taken) => taken === name)),
  },
]);

const volumeMount = z.looseObject({ name: z.string().max(63), mountPath: z.string().max(1024) });

export const podSpec = z.object({
  imagePullPolicy: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .optional()
    .meta({ description: "Of the operator's containers. Default: the operator's own setting." }),
  imagePullSecrets: z
    .array(z.object({ name: dnsName }))
    .max(16)
    .optional()
    .meta({
      description: 'Secrets with credentials of image registries.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
  labels: labels.optional(),
  annotations: z
    .record(z.string().max(317), z.string().max(65_536))
    .optional()
    .meta({ description: 'Added to the annotations of the pods.', maxProperties: 64 }),
  resources: resources('Of the mysql container. Default: requests of cpu 200m and memory 1Gi where neither is given.'),
  affinity: passedOn('Replaces the default: prefer nodes without another instance of the cluster.').optional(),
  mysqlLifecycle: passedOn(
    'Lifecycle hooks of the mysql container. They replace the hook that moves the primary away before its pod ends.',
  ).optional(),
  nodeSelector: z
    .record(z.string().max(317), z.string().max(63))
    .optional()
    .meta({ description: 'Labels a node must have.', maxProperties: 64 }),
  tolerations: z
    .array(
      z.object({
        key: z.string().max(317).optional(),
        operator: z.enum(['Exists', 'Equal', 'Lt', 'Gt']).optional(),
        value: text.optional(),
        effect: z.enum(['', 'NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
        tolerationSeconds: z.int().meta({ format: 'int64' }).optional(),
      }),
    )
    .max(64)
    .optional()
    .meta({ description: 'Taints of nodes that are put up with.', 'x-kubernetes-list-type': 'atomic' }),
  priorityClassName: dnsName.optional().meta({ description: 'PriorityClass of the pods.' }),
  serviceAccountName: dnsName.optional().meta({ description: 'ServiceAccount of the pods. Default: default.' }),
  volumes: volumes.optional(),
  volumeMounts: z
    .array(volumeMount)
    .max(32)
    .optional()
    .meta({
      description: 'Extra mounts of the mysql and sidecar containers.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['mountPath'],
    }),
  initContainers: extraContainers("Run before the operator's own init container.").optional(),
  containers: extraContainers('Extra containers of the pods.').optional(),
  metricsExporterResources: resources(
    'Of the metrics-exporter container. Default: requests 10m/32Mi, limits 100m/128Mi, left out for a resource of which the other is given.',
  ),
  mysqlOperatorSidecarResources: resources('Of the sidecar container. Default: requests 10m/96Mi, no limits.'),
});

export type PodSpec = z.output<typeof podSpec>;
export type ResourceRequirements = z.output<typeof resourceRequirements>;
