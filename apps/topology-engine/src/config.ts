import { secret, serviceVariables } from '@pilotfish/service';
import { z } from 'zod';

/** Environment of topology-engine. */
export const configSchema = z.object({
  ...serviceVariables,
  PILOTFISH_WATCH_NAMESPACE: z.string().default('').describe('only clusters of this namespace; empty: of all'),
  PILOTFISH_NATS_URL: z.string().default('').describe('servers of NATS, comma separated; empty: no events'),
  PILOTFISH_NATS_USER: z.string().default('topology-engine').describe('NATS user'),
  PILOTFISH_NATS_PASSWORD: secret().optional().describe('password of the NATS user'),
});
