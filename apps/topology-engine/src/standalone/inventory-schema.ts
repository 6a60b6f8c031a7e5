import { z } from 'zod';
import { hookList } from '../hooks/hook.ts';

const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/, 'expected lower case letters, digits, dashes');

const password = z
  .strictObject({
    env: z.string().min(1).optional().describe('environment variable that holds it'),
    file: z.string().min(1).optional().describe('file that holds it, relative to the inventory'),
  })
  .refine(({ env, file }) => (env === undefined) !== (file === undefined), 'give one of env and file');

const account = z.strictObject({ user: z.string().min(1).max(32), password });

const instance = z.strictObject({
  name,
  host: z.string().min(1).max(255).describe('as the other servers of the cluster reach it too'),
  port: z.int().min(1).max(65_535).default(3306),
  zone: z.string().min(1).optional().describe('failure domain, for the rules about zones and regions'),
  region: z.string().min(1).optional(),
});

const cluster = z.strictObject({
  name,
  namespace: name.default('default').describe('first half of the key in the API, in events and in metrics'),
  readOnly: z.boolean().optional(),
  maxReplicaLagSeconds: z.int().min(1).optional(),
  /** Checked by the schema of MysqlCluster's `spec.replication`. */
  replication: z.record(z.string(), z.unknown()).optional(),
  credentials: z.strictObject({ operator: account, replication: account }),
  instances: z.array(instance).min(1).max(15),
});

/** The file that lists the servers of the standalone engine, and what holds for all of them. */
export const inventorySchema = z.strictObject({
  clusters: z.array(cluster),
  /** Settings of Orchestrator, checked by their own schemas: beneath what a cluster's `replication` says. */
  orchestrator: z.record(z.string(), z.unknown()).default({}),
  hooks: hookList.default([]),
});

export type InventoryCluster = z.output<typeof cluster>;
export type PasswordSource = z.output<typeof password>;
