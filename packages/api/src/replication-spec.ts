import { z } from 'zod';
import { maxReplicas } from './names.ts';
import { boundedInteger, withRules } from './rule.ts';

const seconds = (name: string, min: number, max: number) =>
  boundedInteger({ min, max }, `${name} is a number of seconds between ${String(min)} and ${String(max)}`);

export const promotionRule = z.enum(['prefer', 'neutral', 'preferNot', 'mustNot']);

const day = 86_400;

const instance = z.object({
  name: z.string().max(63).meta({ description: 'Name of the pod.' }),
  promotionRule: promotionRule.optional().meta({
    description:
      'prefer and preferNot choose among instances that hold all the data; mustNot keeps it from ever becoming primary. Default: neutral.',
  }),
  downtime: z
    .object({
      until: z.iso.datetime({ offset: true }).meta({ description: 'When it ends by itself.' }),
      reason: z.string().max(1024).optional().meta({ description: 'Shown with the hold.' }),
    })
    .optional()
    .meta({
      description:
        'Trouble with this instance is expected: while it is primary nothing takes its place, and others are promoted before it.',
    }),
});

const failover = z.object({
  paused: z.boolean().optional().meta({
    description:
      'No failover until this is taken away; switchovers and repairs go on. Orders at run time can pause as well. Default: false.',
  }),
  recoverPrimary: z
    .boolean()
    .optional()
    .meta({ description: 'Whether another instance takes the place of a dead primary. Default: true.' }),
  recoverIntermediatePrimary: z.boolean().optional().meta({
    description:
      'Whether the replicas of an instance that is not the primary follow the primary while their source is dead. Default: true.',
  }),
  delaySeconds: seconds('delaySeconds', 0, day)
    .optional()
    .meta({ description: 'How long a primary must have been gone before another takes its place. Default: 0.' }),
  recoveryBlockSeconds: seconds('recoveryBlockSeconds', 0, 30 * day)
    .optional()
    .meta({
      description:
        'An instance that failed as primary, came back, and became primary again is not failed over from a second time within this time, unless the first failover was acknowledged. The failure of another instance is not held up. Default: 0.',
    }),
  maxLagSeconds: seconds('maxLagSeconds', 0, day).optional().meta({
    description:
      'A candidate further behind than this is waited for before anything is changed. Default: no limit; it applies what it has received and then opens.',
  }),
  whenBehind: z.enum(['drain', 'hold']).optional().meta({
    description:
      'A candidate that has not applied all it received. drain: the failover begins and it opens as soon as it has. hold: the failover begins when it has. Default: drain.',
  }),
  acrossZones: z
    .boolean()
    .optional()
    .meta({ description: 'Whether a failover may move the primary to another zone. Default: true.' }),
  acrossRegions: z
    .boolean()
    .optional()
    .meta({ description: 'Whether a failover may move the primary to another region. Default: true.' }),
  instances: z
    .array(instance)
    .max(maxReplicas)
    .optional()
    .meta({
      description: 'What holds for single instances.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
});

export const replication = withRules(
  z.object({
    mode: z.enum(['semiSync', 'async']).optional().meta({
      description:
        'semiSync: a commit is on other instances before it is acknowledged. async: commits wait for nobody, and a failover can lose the newest. Default: semiSync.',
    }),
    dataDurability: z.enum(['preferred', 'required']).optional().meta({
      description:
        'What happens to writes when too few replicas can acknowledge them. preferred: they go on, and the condition Durable says so. required: they wait. Default: preferred.',
    }),
    ackZones: z.enum(['any', 'other']).optional().meta({
      description:
        "Whose acknowledgements count. other: only those of instances in another zone (topology.kubernetes.io/zone) than the primary's. Default: any.",
    }),
    errantPolicy: z.enum(['auto', 'ask', 'never']).optional().meta({
      description:
        'What happens to an instance that holds transactions which the primary lacks. auto: they are saved and it is rebuilt. ask: it is rebuilt when somebody says so. never: it is left alone. Default: auto.',
    }),
    isolationTimeoutSeconds: seconds('isolationTimeoutSeconds', 3, 300).optional().meta({
      description:
        'A primary that has reached neither the Kubernetes API nor another instance for this long closes itself for writes. Default: 10.',
    }),
    failover: failover
      .optional()
      .meta({ description: 'When another instance takes the place of a dead primary, and which.' }),
  }),
  [
    {
      cel: "!(has(self.mode) && self.mode == 'async') || !(has(self.dataDurability) && self.dataDurability == 'required')",
      message: 'dataDurability: required needs mode: semiSync, because with async no commit waits for a replica',
      holds: ({ mode, dataDurability }) => mode !== 'async' || dataDurability !== 'required',
    },
    {
      cel: "!(has(self.mode) && self.mode == 'async') || !(has(self.ackZones) && self.ackZones == 'other')",
      message: 'ackZones: other needs mode: semiSync, because with async nobody acknowledges',
      holds: ({ mode, ackZones }) => mode !== 'async' || ackZones !== 'other',
    },
  ],
);

export type ReplicationSpec = z.output<typeof replication>;
export type FailoverSpec = z.output<typeof failover>;
export type DataDurability = NonNullable<ReplicationSpec['dataDurability']>;
