import { z } from 'zod';
import { clusterEvent, instanceEvent } from './event-definition.ts';
import {
  epoch,
  gtids,
  instanceName,
  instanceOrNone,
  instanceState,
  members,
  milliseconds,
  operationId,
  operationKind,
  text,
} from './fields.ts';

const from = instanceOrNone.describe('the primary before; empty when there is none');
const to = instanceName.describe('the primary after');
const started = { from, to, epoch: epoch.describe('the epoch that this operation opens'), operationId };
const completed = { from, to, epoch, durationMs: milliseconds.describe('from the start of the operation, in ms') };

const ordered = {
  operation: text.describe('what was ordered, as in the path of the API'),
  by: text.describe('the user, as Kubernetes names them'),
};

/** What topology-engine tells: the state of replication, and each thing it does about it. */
export const topologyEvents = {
  bootstrapped: clusterEvent({
    critical: true,
    description: 'The first primary of a new cluster got its data and accounts.',
    data: z.object({ primary: instanceName }),
    example: { primary: 'orders-mysql-0' },
  }),
  'primary-suspected': instanceEvent({
    critical: false,
    description: 'A first sign that the primary is gone: nothing is done yet.',
    data: z.object({ instance: instanceName, evidence: text.describe('what was seen, and by whom') }),
    example: { instance: 'orders-mysql-0', evidence: 'connection closed; refused on reconnect' },
  }),
  'primary-failed': instanceEvent({
    critical: true,
    description: 'The primary is dead by two independent witnesses; a failover follows, or a hold that says why not.',
    data: z.object({ instance: instanceName, epoch: epoch.describe('the epoch that ended'), reason: text }),
    example: {
      instance: 'orders-mysql-0',
      epoch: 3,
      reason: 'ProcessGone: connection refused, both replicas lost their source',
    },
  }),
  'failover-started': clusterEvent({
    critical: true,
    description: 'A failover was recorded in status.topology and is under way.',
    data: z.object(started),
    example: { from: 'orders-mysql-0', to: 'orders-mysql-1', epoch: 4, operationId: 'failover-4' },
  }),
  'failover-held': clusterEvent({
    critical: true,
    description: 'The primary is gone and nothing is done, because acting could lose acknowledged writes.',
    data: z.object({
      reason: text.describe('one word, as in status.topology.hold'),
      message: text,
      lifts: text.describe('what would lift it'),
    }),
    example: {
      reason: 'TooFewWitnesses',
      message: '1 of the ack set {orders-mysql-1, orders-mysql-2} answer and 2 must',
      lifts: '1 more of {orders-mysql-1, orders-mysql-2} answer, or the primary does',
    },
  }),
  'primary-fenced': instanceEvent({
    critical: true,
    description: 'The former primary can no longer acknowledge a write.',
    data: z.object({ instance: instanceName }),
    example: { instance: 'orders-mysql-0' },
  }),
  'primary-opened': clusterEvent({
    critical: true,
    description: 'This instance takes writes now. The one event to listen to for "where do I write".',
    data: z.object({ primary: instanceName, epoch, previous: from, kind: operationKind }),
    example: { primary: 'orders-mysql-1', epoch: 4, previous: 'orders-mysql-0', kind: 'failover' },
  }),
  'failover-completed': clusterEvent({
    critical: true,
    description: 'The new primary takes writes and the reachable replicas follow it.',
    data: z.object(completed),
    example: { from: 'orders-mysql-0', to: 'orders-mysql-1', epoch: 4, durationMs: 212 },
  }),
  'switchover-started': clusterEvent({
    critical: true,
    description: 'A planned change of the primary was recorded in status.topology and is under way.',
    data: z.object(started),
    example: { from: 'orders-mysql-1', to: 'orders-mysql-2', epoch: 5, operationId: 'switchover-5' },
  }),
  'switchover-completed': clusterEvent({
    critical: true,
    description: 'The planned change of the primary is done.',
    data: z.object(completed),
    example: { from: 'orders-mysql-1', to: 'orders-mysql-2', epoch: 5, durationMs: 61 },
  }),
  'operation-requested': clusterEvent({
    critical: true,
    description:
      'Somebody ordered an operation, and it was begun. Operations that the engine begins by itself are not told so.',
    data: z.object({ ...ordered, operationId, reason: text.describe('in their words; empty when they gave none') }),
    example: { operation: 'switchover', by: 'ada', operationId: 'op-5f0c2a91', reason: 'new kernel on node-1' },
  }),
  'operation-refused': clusterEvent({
    critical: false,
    description: 'Somebody ordered an operation, and nothing was done.',
    data: z.object({ ...ordered, reason: text.describe('one word, as in the answer'), message: text }),
    example: {
      operation: 'switchover',
      by: 'ada',
      reason: 'NotCaughtUp',
      message: 'orders-mysql-2 is 14000 ms behind; 10000 ms is the most',
    },
  }),
  'operation-completed': clusterEvent({
    critical: true,
    description: 'An operation that somebody ordered is done.',
    data: z.object({ ...ordered, operationId, durationMs: milliseconds }),
    example: { operation: 'switchover', by: 'ada', operationId: 'op-5f0c2a91', durationMs: 410 },
  }),
  'operation-failed': clusterEvent({
    critical: true,
    description: 'An operation was given up; what it had changed was undone or is taken up again by the next one.',
    data: z.object({ operationId, kind: operationKind, reason: text }),
    example: { operationId: 'switchover-5', kind: 'switchover', reason: 'orders-mysql-2 did not catch up within 10 s' },
  }),
  'operation-resumed': clusterEvent({
    critical: false,
    description: 'Another engine replica took over an operation from its journal in status.topology.',
    data: z.object({ operationId, kind: operationKind, phase: text.describe('where it goes on') }),
    example: { operationId: 'failover-4', kind: 'failover', phase: 'draining' },
  }),
  'decision-made': clusterEvent({
    critical: false,
    description: 'The engine decided otherwise than before, or a plan ended; with all that it went by.',
    data: z.object({
      engine: text.describe('pod of the engine'),
      epoch,
      state: text.describe('state of the cluster, one word'),
      plan: text.describe('kind of the plan; empty when there is none'),
      hold: text.describe('reason of the hold, one word; empty when there is none'),
      because: text,
      outcome: text.describe('how the plan ended: done, or why not; empty while it has not'),
      entry: z
        .string()
        .max(24 * 1024)
        .describe('entry of the decision journal (JSON, for npm run replay); empty when it is too large for an event'),
      digest: z.array(text).max(32).describe('one line an instance, when the entry is left out'),
    }),
    example: {
      engine: 'topology-engine-6c9f-x2x7q',
      epoch: 3,
      state: 'PrimaryDead',
      plan: 'failover',
      hold: '',
      because: 'orders-mysql-0 refuses connections; 2 replica(s) receive nothing from it',
      outcome: '',
      entry: '',
      digest: ['orders-mysql-0: refused', 'orders-mysql-1: observed', 'orders-mysql-2: observed'],
    },
  }),
  'ack-set-changed': clusterEvent({
    critical: false,
    description: 'How many of which instances must have received a write before it is acknowledged has changed.',
    data: z.object({ members, k: z.int().min(0).describe('acknowledgements that a commit waits for') }),
    example: { members: ['orders-mysql-1', 'orders-mysql-2'], k: 1 },
  }),
  'instance-attached': instanceEvent({
    critical: false,
    description: 'An instance replicates from this source now.',
    data: z.object({ instance: instanceName, source: instanceName.describe('the pod it replicates from') }),
    example: { instance: 'orders-mysql-0', source: 'orders-mysql-1' },
  }),
  'instance-diverged': instanceEvent({
    critical: true,
    description: 'An instance has transactions that the primary does not have.',
    data: z.object({ instance: instanceName, errant: gtids }),
    example: { instance: 'orders-mysql-0', errant: '3e11fa47-71ca-11e1-9e33-c80aa9429562:78-80' },
  }),
  'instance-rewound': instanceEvent({
    critical: false,
    description:
      'A crashed former primary was started without the transactions that nobody else had received. They are kept in its volume.',
    data: z.object({ instance: instanceName, gtids }),
    example: { instance: 'orders-mysql-0', gtids: '3e11fa47-71ca-11e1-9e33-c80aa9429562:78-80' },
  }),
  'errant-filled': instanceEvent({
    critical: false,
    description:
      'Errant transactions that change nothing were given to the primary as empty ones, so that all have them.',
    data: z.object({ instance: instanceName.describe('who had them'), gtids }),
    example: { instance: 'orders-mysql-2', gtids: '3e11fa47-71ca-11e1-9e33-c80aa9429562:81' },
  }),
  'errant-saved': instanceEvent({
    critical: true,
    description: 'The transactions that only this instance had were saved on its volume, before it is rebuilt.',
    data: z.object({ instance: instanceName, gtids, path: text.describe('directory in the data volume') }),
    example: {
      instance: 'orders-mysql-0',
      gtids: '3e11fa47-71ca-11e1-9e33-c80aa9429562:78-80',
      path: '/var/lib/mysql/.pilotfish/errant/20261124T101500Z',
    },
  }),
  'instance-reclone-started': instanceEvent({
    critical: false,
    description: 'An instance is being filled anew by CLONE.',
    data: z.object({ instance: instanceName, donor: instanceName.describe('the pod it copies from'), reason: text }),
    example: { instance: 'orders-mysql-0', donor: 'orders-mysql-2', reason: 'Diverged' },
  }),
  'instance-recloned': instanceEvent({
    critical: false,
    description: 'The copy is complete and the instance is up with it.',
    data: z.object({ instance: instanceName, durationMs: milliseconds.describe('from the start of the copy, in ms') }),
    example: { instance: 'orders-mysql-0', durationMs: 8_400 },
  }),
  'instance-state-changed': instanceEvent({
    critical: false,
    description: 'The engine sees an instance in another state.',
    data: z.object({ instance: instanceName, from: instanceState, to: instanceState, reason: text }),
    example: { instance: 'orders-mysql-0', from: 'CatchingUp', to: 'Replicating', reason: 'caught up' },
  }),
  'credentials-refused': clusterEvent({
    critical: false,
    description: "The Secret with the operator's accounts was changed to something that MySQL or the agents refuse.",
    data: z.object({ message: text.describe('which key, who refuses it, and what to do') }),
    example: { message: 'orders-mysql-0 refuses sys_operator with its OPERATOR_PASSWORD; put the former value back' },
  }),
  'credentials-accepted': clusterEvent({
    critical: false,
    description: "The operator's accounts are as the Secret says again.",
    data: z.object({ message: text }),
    example: { message: 'MySQL accepts the accounts of the operator' },
  }),
};
