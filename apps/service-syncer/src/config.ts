import { secret, serviceVariables } from '@pilotfish/service';
import { z } from 'zod';

/** Environment of service-syncer. */
export const configSchema = z.object({
  ...serviceVariables,
  POD_NAME: z.string().min(1).describe('name of the own pod: who holds the lease'),
  POD_NAMESPACE: z.string().min(1).describe('namespace of the own pod: where the lease is'),
  PILOTFISH_WATCH_NAMESPACE: z.string().default('').describe('only clusters of this namespace; empty: of all'),
  PILOTFISH_NATS_URL: z
    .string()
    .default('')
    .describe('servers of NATS, comma separated; empty: no fast path and no events'),
  PILOTFISH_NATS_USER: z.string().default('service-syncer').describe('NATS user'),
  PILOTFISH_NATS_PASSWORD: secret().optional().describe('password of the NATS user'),
});
