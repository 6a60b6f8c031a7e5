import { z } from 'zod';

/**
 * The field types of the payloads. Texts are clipped, not refused: a long error message of MySQL must not keep a
 * failover from being told. With these bounds every payload stays below `maxEventBytes`.
 */

const maxTextLength = 2_000;
const maxGtidLength = 16_000;
const maxMembers = 32;

export const maxNameLength = 63;
export const namePattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;

/** A pod, e.g. `orders-mysql-0`: a DNS label, and so a token of a subject. */
export const instanceName = z.string().max(maxNameLength).regex(namePattern).describe('name of the pod');

export const instanceOrNone = z
  .union([z.literal(''), instanceName])
  .describe('name of the pod; empty when there is none');

export const text = z.string().overwrite((value) => clip(value, maxTextLength));

export const gtids = z
  .string()
  .overwrite((value) => clip(value, maxGtidLength))
  .describe('GTID set (clipped at 16,000 characters)');

export const epoch = z
  .int()
  .min(0)
  .describe('number of the primary: 1 is the first of the cluster, each next one counts up');

export const milliseconds = z.int().min(0).describe('milliseconds');

export const operationId = text.describe(
  'id of the operation, the same in all its events and in status.topology.operation',
);

export const operationKind = z.enum(['bootstrap', 'failover', 'switchover', 'reopen', 'order']);

export const members = z.array(instanceName).max(maxMembers);

export const instanceState = z.enum([
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

function clip(value: string, length: number): string {
  return value.length <= length ? value : `${value.slice(0, length - 1)}…`;
}
