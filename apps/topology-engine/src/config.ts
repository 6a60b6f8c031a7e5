import { port, secret, serviceVariables } from '@pilotfish/service';
import { z } from 'zod';
import { hooksText } from './hooks/hook.ts';
import { problemLines, readOperatorSettings } from './policy/operator-settings.ts';

/** Environment of topology-engine. */
export const configSchema = z.object({
  ...serviceVariables,
  PILOTFISH_WATCH_NAMESPACE: z.string().default('').describe('only clusters of this namespace; empty: of all'),
  PILOTFISH_ORCHESTRATOR_CONFIG: z
    .string()
    .default('')
    .superRefine((path, context) => {
      for (const message of problemLines(readOperatorSettings(path))) context.addIssue({ code: 'custom', message });
    })
    .describe('JSON file with settings of Orchestrator that hold for all clusters; none if it is not there'),
  PILOTFISH_HOOKS: hooksText.default([]).describe('JSON list of programs that are told of failovers'),
  PILOTFISH_API_PORT: port().default(8080).describe('port of the HTTP API, the same on all replicas'),
  PILOTFISH_NATS_URL: z.string().default('').describe('servers of NATS, comma separated; empty: no events'),
  PILOTFISH_NATS_USER: z.string().default('topology-engine').describe('NATS user'),
  PILOTFISH_NATS_PASSWORD: secret().optional().describe('password of the NATS user'),
});
