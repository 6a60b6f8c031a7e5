import { type MysqlClusterStatus, parseCluster, type ResolvedCluster, withDefaults } from '@pilotfish/api';
import { nameProblems } from '../model/name-problems.ts';
import type { Problem } from '../model/problem.ts';
import type { RawCluster } from './resources.ts';

export type Reading =
  | { readonly ok: true; readonly cluster: ResolvedCluster }
  /** Nothing can be made of it; the status is what could be read of that. */
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly status: MysqlClusterStatus };

/**
 * A stored cluster, checked: it may be older than today's rules. A status that makes no sense is no reason to stop
 * serving the spec; it is read as if it were empty.
 */
export function readCluster(raw: RawCluster): Reading {
  const parsed = parseCluster(raw);
  const result = parsed.ok ? parsed : parseCluster({ ...raw, status: {} });
  if (!result.ok) {
    const { status } = rawStatus(raw);
    const problems = result.problems.map(({ path, message }): Problem => {
      return { reason: 'InvalidSpec', message: `${path}: ${message}.`, blocks: 'everything' };
    });
    return { ok: false, problems, status };
  }
  const cluster = withDefaults(result.cluster);
  const problems = nameProblems(cluster);
  return problems.length === 0 ? { ok: true, cluster } : { ok: false, problems, status: cluster.status };
}

/** The status alone, with a spec that is valid in its place. */
function rawStatus(raw: RawCluster): { status: MysqlClusterStatus } {
  const parsed = parseCluster({ ...raw, spec: { secretName: 'unread' } });
  return { status: parsed.ok ? parsed.cluster.status : {} };
}
