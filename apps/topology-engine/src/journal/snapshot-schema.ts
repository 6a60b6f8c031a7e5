import { defaultPolicy } from '@pilotfish/topology';
import { z } from 'zod';
import { gtidSet } from './gtid-codec.ts';

/**
 * A snapshot in a journal. Objects are open: what a newer engine adds to the evidence is kept as it is, and what an older
 * one did not know yet has the value that means nothing was said.
 */
const ackSet = z.object({ members: z.array(z.string()), k: z.int().min(0) });

const replication = z.looseObject({
  sourceHost: z.string(),
  sourceUuid: z.string(),
  receiver: z.enum(['ON', 'OFF', 'CONNECTING']),
  lastHeardMs: z.number().nullable(),
  received: gtidSet,
  receiverError: z.string(),
  applier: z.enum(['ON', 'OFF']),
  applierErrno: z.number(),
  applierError: z.string(),
});

const view = z.looseObject({
  serverUuid: z.string(),
  readOnly: z.boolean(),
  executed: gtidSet,
  purged: gtidSet,
  semiSyncSource: z.boolean(),
  semiSyncWaitFor: z.number(),
  semiSyncReplica: z.boolean(),
  semiSyncClients: z.number(),
  replication: replication.nullable(),
  heartbeatAgeMs: z.number().nullable(),
  clockOffsetMs: z.number().default(0),
});

const contact = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('observed'), view, ageMs: z.number() }),
  z.looseObject({ kind: z.literal('refused'), forMs: z.number() }),
  z.looseObject({ kind: z.literal('silent'), forMs: z.number() }),
  z.looseObject({ kind: z.literal('denied'), reason: z.string() }),
  z.looseObject({ kind: z.literal('unsupported'), reason: z.string() }),
  z.looseObject({ kind: z.literal('impostor'), serverUuid: z.string(), expected: z.string(), ageMs: z.number() }),
  z.looseObject({ kind: z.literal('unplaced') }),
  z.looseObject({ kind: z.literal('untried') }),
]);

const instance = z.looseObject({
  name: z.string(),
  ordinal: z.int(),
  host: z.string(),
  podExists: z.boolean(),
  leaving: z.boolean(),
  ending: z.boolean(),
  contact,
  detachedMs: z.number(),
  openMs: z.number().default(Number.MAX_SAFE_INTEGER),
  examined: z.looseObject({ asked: gtidSet, noOps: gtidSet }).optional(),
});

const recorded = z.looseObject({
  primary: z.string(),
  epoch: z.int(),
  initialized: z.boolean(),
  ackSet,
  writable: z.boolean(),
  operation: z
    .looseObject({
      id: z.string(),
      kind: z.string(),
      from: z.string(),
      to: z.string(),
      phase: z.string(),
      previousAckSet: ackSet,
    })
    .optional(),
  formerPrimary: z.looseObject({ received: gtidSet }).optional(),
});

export const snapshotSchema = z.looseObject({
  wantedReplicas: z.int(),
  durability: z.enum(['required', 'preferred']),
  readOnly: z.boolean(),
  maxLagSeconds: z.number(),
  policy: z.looseObject({}).default({ ...defaultPolicy }),
  recorded,
  instances: z.array(instance),
});
