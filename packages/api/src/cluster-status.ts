import { z } from 'zod';
import { maxReplicas } from './names.ts';
import { promotionRule } from './replication-spec.ts';

const name = z.string().max(253);
const reasonText = z.string().max(1024);
const message = z.string().max(32_768);
const time = z.iso.datetime({ offset: true });
const flag = z.enum(['True', 'False', 'Unknown']);

/** Instances that exist, plus those on their way out. */
const maxInstances = 2 * (maxReplicas + 1);

/** The transactions of one server: one interval, most of the time. */
const maxReceived = 4_096;

export const condition = z.object({
  type: z.string().max(316),
  status: flag,
  lastTransitionTime: time,
  reason: reasonText,
  message,
});

const nodeCondition = z.object({
  type: z.enum(['Lagged', 'Replicating', 'Master', 'ReadOnly']),
  status: flag,
  lastTransitionTime: time,
});

const nodeStatus = z.object({
  name: name.meta({ description: 'Host name of the instance: <pod>.mysql.<namespace>.' }),
  conditions: z.array(nodeCondition).max(8),
});

const instanceState = z.enum([
  'Blank',
  'Provisioning',
  'Unreachable',
  'Detached',
  'Broken',
  'CatchingUp',
  'Replicating',
  'Primary',
  'Diverged',
]);

const instanceStatus = z.object({
  name: name.meta({ description: 'Name of the pod.' }),
  serverUuid: z
    .string()
    .max(36)
    .optional()
    .meta({ description: 'server_uuid of its server: another server at its address is not taken for it.' }),
  state: instanceState,
  serving: z.boolean().meta({ description: 'Answers queries.' }),
  attached: z.boolean().meta({ description: 'Replicates from the primary of this epoch.' }),
  lagged: z.boolean().meta({ description: 'Further behind than maxSlaveLatency.' }),
  caughtUp: z.boolean().meta({ description: 'Has nothing left to apply.' }),
  readOnly: z.boolean().meta({ description: 'Refuses writes.' }),
  message: message.optional().meta({ description: 'Why, when something is not as it should be.' }),
});

const ackSet = z.object({
  members: z.array(name).max(maxInstances),
  k: z.int().min(0).meta({ format: 'int32', description: 'How many of the members hold each acknowledged write.' }),
});

const operation = z.object({
  id: z.string().max(128),
  kind: z.enum(['bootstrap', 'failover', 'switchover']),
  from: name,
  to: name,
  phase: z.string().max(64),
  startedAt: time,
  reason: reasonText,
  engine: name.meta({ description: 'Pod of the engine that carries it out.' }),
  previousAckSet: ackSet.meta({ description: 'Who acknowledged the writes of the epoch that this operation ends.' }),
});

const hold = z.object({
  reason: reasonText,
  message: message.meta({ description: 'The predicate that fails.' }),
  since: time,
  lifts: message.optional().meta({ description: 'What would lift it.' }),
  next: z
    .object({ at: time, does: message })
    .optional()
    .meta({ description: 'What is done if it lasts until then; absent when only what lifts it can end it.' }),
});

const by = name.meta({ description: 'Who gave the order.' });

const instanceOrders = z.object({
  name: name.meta({ description: 'Name of the pod.' }),
  promotionRule: promotionRule.optional().meta({ description: 'In place of the one in the spec.' }),
  downtime: z
    .object({ by, reason: reasonText, until: time })
    .optional()
    .meta({ description: 'Trouble with it is expected until then.' }),
  fenced: z
    .object({ by, reason: reasonText, since: time })
    .optional()
    .meta({ description: 'Kept closed, and out of the choice of a primary.' }),
  follows: name.optional().meta({ description: 'Replicates from this instance in place of the primary.' }),
});

const orders = z.object({
  paused: z
    .object({ by, reason: reasonText, until: time.optional() })
    .optional()
    .meta({ description: 'No failover until then, or until the order is taken back.' }),
  acknowledged: z
    .object({ by, epoch: z.int().min(0).meta({ format: 'int64' }), at: time })
    .optional()
    .meta({ description: 'Failovers up to this epoch were seen by somebody: they block no other.' }),
  instances: z.array(instanceOrders).max(maxInstances),
});

const lastFailover = z.object({
  at: time,
  epoch: z.int().min(0).meta({ format: 'int64', description: 'The epoch that it began.' }),
  from: name,
  to: name,
  kind: operation.shape.kind,
});

const formerPrimary = z.object({
  name: name.meta({ description: 'Name of the pod.' }),
  serverUuid: z.string().max(36).meta({ description: 'server_uuid that it had as primary.' }),
  received: z
    .string()
    .max(maxReceived)
    .meta({ description: 'What other instances had received of its transactions when it was fenced (GTID set).' }),
});

const failure = z.object({
  name: name.meta({ description: 'Name of the pod.' }),
  at: time,
  epoch: z.int().min(0).meta({ format: 'int64', description: 'The epoch that replaced it.' }),
});

const owner = z.object({
  engine: name.meta({ description: 'Pod of the engine; empty when it has let go of the cluster.' }),
  term: z.int().min(0).meta({ format: 'int64', description: 'Counts owners.' }),
});

export const topologyStatus = z.object({
  primary: name.meta({ description: 'Pod of the primary; empty before the first.' }),
  epoch: z.int().min(0).meta({ format: 'int64', description: 'Counts primaries; 1 is the first.' }),
  initialized: z.boolean().meta({ description: 'The cluster has had data: a blank instance never becomes primary.' }),
  ackSet: ackSet.meta({ description: 'Who acknowledges writes.' }),
  writable: z.boolean().meta({ description: 'The primary is open for writes.' }),
  owner: owner.optional().meta({
    description:
      'The engine that looks after the cluster. Another one writes itself here before it looks at any server; from then on this one can change nothing.',
  }),
  operation: operation.optional().meta({ description: 'The change of primary that is under way.' }),
  hold: hold.optional().meta({ description: 'Why nothing is done although something is wrong.' }),
  instances: z.array(instanceStatus).max(maxInstances),
  orders: orders.optional().meta({ description: 'Orders given at run time; they win over the spec.' }),
  lastFailover: lastFailover.optional().meta({ description: 'The last change of primary.' }),
  formerPrimary: formerPrimary.optional().meta({
    description: 'The primary that failed last, whose unacknowledged transactions may be cut when it is back.',
  }),
  failures: z
    .array(failure)
    .max(maxInstances)
    .optional()
    .meta({ description: 'When each instance last failed as primary.' }),
});

/**
 * `nodes` and `topology` have one writer each (service-syncer, topology-engine), so their fields are not accounted for one
 * by one: that took the API server a third of what a write costs it.
 */
export const clusterStatus = z.object({
  observedGeneration: z
    .int()
    .optional()
    .meta({ format: 'int64', description: 'Generation of the spec last acted on.' }),
  readyNodes: z.int().optional().meta({ format: 'int32', description: 'Pods that are Ready.' }),
  phase: z
    .enum(['Pending', 'Initializing', 'Running', 'Degraded', 'Updating', 'Stopped', 'Failed'])
    .optional()
    .meta({ description: 'One word for people; programs read the conditions.' }),
  conditions: z
    .array(condition)
    .max(32)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] }),
  nodes: z
    .array(nodeStatus)
    .max(maxInstances)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic', description: 'Replication facts of each instance.' }),
  topology: topologyStatus
    .optional()
    .meta({ 'x-kubernetes-map-type': 'atomic', description: 'Who is primary, and how safe the data is.' }),
});

export type Condition = z.output<typeof condition>;
export type ConditionStatus = z.output<typeof flag>;
export type NodeStatus = z.output<typeof nodeStatus>;
export type NodeConditionType = z.output<typeof nodeCondition>['type'];
export type InstanceState = z.output<typeof instanceState>;
export type InstanceStatus = z.output<typeof instanceStatus>;
export type TopologyOperation = z.output<typeof operation>;
export type TopologyHold = z.output<typeof hold>;
export type FormerPrimaryStatus = z.output<typeof formerPrimary>;
export type TopologyOrders = z.output<typeof orders>;
export type TopologyStatus = z.output<typeof topologyStatus>;
export type MysqlClusterStatus = z.output<typeof clusterStatus>;
export type Phase = NonNullable<MysqlClusterStatus['phase']>;
