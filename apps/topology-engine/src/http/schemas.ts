import { clusterStates, holdReasons } from '@pilotfish/topology';
import { z } from 'zod';

/** What the API answers with. The reference is made from these; handlers are typed by them. */

const time = z.string().describe('ISO 8601');
const gtids = z.string().describe('GTID set');

export const refusal = z
  .object({
    reason: z.string().describe('one word, for programs'),
    message: z.string().describe('the predicate that fails, for people'),
  })
  .describe('Nothing was done.');

const stepReport = z.object({
  do: z.string(),
  instance: z.string().optional(),
  source: z.string().optional(),
  deadlineMs: z.number(),
  otherwise: z.enum(['abort', 'go-on', 'escalate']).describe('what happens when the step fails'),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  tookMs: z.number().optional(),
  message: z.string().optional().describe('why it failed'),
});

export const run = z
  .object({
    id: z.string(),
    operation: z.string().describe('what was ordered; of what the engine began by itself, the kind of its plan'),
    kind: z.enum(['bootstrap', 'failover', 'switchover', 'reopen', 'order']),
    by: z.string().describe('who ordered it; empty: the engine began it by itself'),
    from: z.string(),
    to: z.string(),
    reason: z.string(),
    epoch: z.number().describe('the epoch in which it was begun'),
    startedAt: time,
    state: z.enum(['running', 'succeeded', 'failed']),
    tookMs: z.number().optional(),
    message: z.string().optional().describe('why it failed'),
    steps: z.array(stepReport),
  })
  .describe('A plan that runs or ran.');

export const runList = z.object({ items: z.array(run).describe('the latest first') });

export const preview = z
  .object({
    planId: z.string().describe('pass it with the order: another plan by then is refused'),
    epoch: z.number(),
    kind: run.shape.kind,
    from: z.string(),
    to: z.string(),
    reason: z.string(),
    steps: z.array(
      z.object({
        do: z.string(),
        instance: z.string().optional(),
        source: z.string().optional(),
        deadlineMs: z.number(),
        otherwise: stepReport.shape.otherwise,
        statements: z.array(
          z.object({
            instance: z.string().describe('to whom; empty: to status.topology'),
            via: z.enum(['sql', 'agent', 'record']),
            text: z.string(),
          }),
        ),
        problem: z.string().optional().describe('why the step would fail as things are'),
      }),
    ),
  })
  .describe('What the order would do. Nothing was done.');

const hold = z
  .object({
    reason: z.union([z.enum(holdReasons), z.string()]),
    message: z.string().describe('the predicate that fails'),
    lifts: z.string().optional().describe('what would lift it'),
    next: z
      .object({ does: z.string(), afterMs: z.number().optional(), at: time.optional() })
      .optional()
      .describe('what is done when it lasts, and after how long or when'),
  })
  .describe('Why nothing is done although something is wrong.');

const recordedOperation = z.object({
  id: z.string(),
  kind: z.string(),
  from: z.string(),
  to: z.string(),
  phase: z.string(),
});

const instanceFacts = z.object({
  name: z.string(),
  state: z.string(),
  serving: z.boolean(),
  attached: z.boolean(),
  lagged: z.boolean(),
  caughtUp: z.boolean(),
  readOnly: z.boolean(),
  message: z.string().optional(),
});

const replication = z.object({
  source: z.string().describe('the instance, or the address of a stranger'),
  receiver: z.enum(['ON', 'OFF', 'CONNECTING']),
  lastHeardMs: z.number().nullable(),
  received: gtids,
  receiverError: z.string(),
  applier: z.enum(['ON', 'OFF']),
  applierErrno: z.number(),
  applierError: z.string(),
});

const evidence = z
  .object({
    contact: z.string().describe('observed, refused, silent, denied, unplaced or untried'),
    forMs: z.number().optional().describe('since the answer, or for how long there was none'),
    detail: z.string().optional(),
    serverUuid: z.string().optional(),
    executed: gtids.optional(),
    purged: gtids.optional(),
    lagMs: z.number().optional().describe('behind the newest heartbeat that any instance has'),
    semiSyncSource: z.boolean().optional(),
    semiSyncReplica: z.boolean().optional(),
    semiSyncClients: z.number().optional(),
    replication: replication.optional(),
    agent: z.string().optional().describe('what its agent does; absent when it does not answer'),
    podExists: z.boolean(),
    leaving: z.boolean(),
  })
  .describe('What the engine that looks after the cluster has seen.');

export const clusterSummary = z.object({
  namespace: z.string(),
  name: z.string(),
  primary: z.string().describe('empty before the first'),
  epoch: z.number(),
  writable: z.boolean(),
  ackSet: z.object({ members: z.array(z.string()), k: z.number() }),
  hold: hold.optional(),
  operation: recordedOperation.optional().describe('the recorded change of primary that is under way'),
  instances: z.array(instanceFacts),
});

export const clusterList = z.object({
  items: z.array(clusterSummary),
  continue: z.string().optional().describe('pass it as `continue` to get what follows'),
});

export const cluster = clusterSummary
  .extend({
    live: z.boolean().describe('false: its engine can not be asked, and this is what was recorded last'),
    engine: z.string().optional().describe('who looks after it'),
    state: z.enum(clusterStates).optional(),
    running: run.optional().describe('the plan that runs now'),
    orders: z.record(z.string(), z.unknown()).optional().describe('as in status.topology.orders'),
    lastFailover: z.record(z.string(), z.unknown()).optional(),
    instances: z.array(instanceFacts.extend({ evidence: evidence.optional() })),
  })
  .describe('A cluster as its engine sees it now.');

const decision = z.object({
  state: z.string(),
  plan: z
    .object({ kind: run.shape.kind, from: z.string(), to: z.string(), steps: z.array(z.string()) })
    .optional()
    .describe('what was done'),
  hold: z.object({ reason: z.string() }).optional().describe('why nothing was done'),
  abandon: z.string().optional().describe('id of an operation that was dropped'),
  because: z.string().optional(),
});

export const journal = z
  .object({
    items: z
      .array(
        z.object({
          at: time,
          key: z.string().describe('NAMESPACE/NAME'),
          engine: z.string(),
          epoch: z.number(),
          snapshot: z
            .record(z.string(), z.unknown())
            .describe('all that the decision went by: what was recorded, and what each instance, agent and pod said'),
          decision,
          order: z
            .object({
              operation: z.string(),
              params: z.record(z.string(), z.unknown()),
              by: z.string(),
              reason: z.string(),
            })
            .optional()
            .describe('present when the plan was ordered: what, and by whom'),
          ended: z
            .object({ ok: z.boolean(), reason: z.string().optional() })
            .optional()
            .describe('present when the plan of this decision ended: how; the snapshot is of what it left behind'),
        }),
      )
      .describe('the latest last'),
  })
  .describe('Decisions with their inputs: npm run replay takes them again.');

export type ClusterSummary = z.output<typeof clusterSummary>;
export type ClusterView = z.output<typeof cluster>;
export type PreviewView = z.output<typeof preview>;
