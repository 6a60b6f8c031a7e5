import { z } from 'zod';
import { clusterSpec, type MysqlClusterSpec } from './cluster-spec.ts';
import { clusterStatus, type MysqlClusterStatus } from './cluster-status.ts';

/** The part of an object's metadata that the services read. */
const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1),
  uid: z.string().default(''),
  resourceVersion: z.string().default(''),
  generation: z.int().default(0),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  finalizers: z.array(z.string()).default([]),
});

export type ClusterMetadata = z.output<typeof metadata>;

export interface MysqlCluster {
  readonly metadata: ClusterMetadata;
  readonly spec: MysqlClusterSpec;
  readonly status: MysqlClusterStatus;
}

/** One thing wrong with an object: where, in the notation of kubectl, and a sentence. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export type ParseResult =
  | { readonly ok: true; readonly cluster: MysqlCluster }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const cluster = z.object({
  metadata,
  spec: clusterSpec,
  status: z.preprocess((status) => status ?? {}, clusterStatus),
});

/**
 * Reads a MysqlCluster as the API server gave it. Never throws. Fields we do not know are left out, not refused: an
 * object may be newer than this program (or older than its rules, which then show up as problems).
 */
export function parseCluster(raw: unknown): ParseResult {
  const result = cluster.safeParse(raw);
  if (result.success) return { ok: true, cluster: result.data };
  return { ok: false, problems: result.error.issues.map(toProblem) };
}

function toProblem(issue: z.core.$ZodIssue): Problem {
  let path = '';
  for (const part of issue.path) {
    if (typeof part === 'number') path += `[${String(part)}]`;
    else path += path === '' ? String(part) : `.${String(part)}`;
  }
  return { path, message: issue.message };
}
