import { z } from 'zod';
import { clusterEvent, instanceEvent } from './event-definition.ts';
import { epoch, instanceName, milliseconds, text } from './fields.ts';

const role = z.enum(['master', 'replica']);

/** What service-syncer tells: where the Services point. */
export const serviceEvents = {
  'role-changed': instanceEvent({
    critical: false,
    description: 'The label role of a pod was changed; the master and replicas Services follow it.',
    data: z.object({
      instance: instanceName,
      role,
      previous: z.union([role, z.literal('')]).describe('the label before; empty when there was none'),
    }),
    example: { instance: 'orders-mysql-1', role: 'master', previous: 'replica' },
  }),
  'health-changed': instanceEvent({
    critical: false,
    description:
      'The label healthy of a pod was changed; an unhealthy one gets no new connections through the Services.',
    data: z.object({ instance: instanceName, healthy: z.boolean(), reason: text }),
    example: { instance: 'orders-mysql-2', healthy: false, reason: 'Lagged' },
  }),
  'write-endpoint-moved': clusterEvent({
    critical: true,
    description:
      'The master Service selects another pod now: while a failover or a switchover runs, the one that opens in a moment.',
    data: z.object({
      primary: instanceName,
      epoch,
      delayMs: milliseconds
        .nullable()
        .describe(
          'ms from primary-opened to the labels being in place; null when they were moved by the status, as most are before it',
        ),
    }),
    example: { primary: 'orders-mysql-1', epoch: 4, delayMs: 11 },
  }),
};
