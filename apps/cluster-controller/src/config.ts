import { json, secret, serviceVariables } from '@pilotfish/service';
import { z } from 'zod';

const image = z.string().min(1);

/** The environment of this service. */
export const configSchema = z.object({
  ...serviceVariables,
  PILOTFISH_WATCH_NAMESPACE: z.string().default('').describe('namespace whose clusters are served; empty: all'),
  PILOTFISH_NATS_URL: z.string().default('').describe('servers of NATS; empty: no events are published'),
  PILOTFISH_NATS_USER: z.string().default('cluster-controller').describe('user of NATS'),
  PILOTFISH_NATS_PASSWORD: secret().optional().describe('password of that user'),
  PILOTFISH_AGENT_IMAGE: image.describe('image of the containers init and sidecar'),
  PILOTFISH_EXPORTER_IMAGE: image.describe('image of the container metrics-exporter'),
  PILOTFISH_MYSQL_IMAGES: json(z.record(z.string(), image)).describe(
    'images of mysqld by version, as a JSON object; the key "default" is for clusters that name no version',
  ),
  PILOTFISH_IMAGE_PULL_POLICY: z
    .enum(['Always', 'IfNotPresent', 'Never'])
    .default('IfNotPresent')
    .describe('pull policy of the containers of MySQL pods, unless podSpec says otherwise'),
});
