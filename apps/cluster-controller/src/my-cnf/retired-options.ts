import type { ConfOption } from './base-options.ts';
import { formatBytes, parseBytes } from './byte-size.ts';
import { isAtLeast, type MysqlVersion } from './mysql-version.ts';

interface Retirement {
  /** First version that refuses to start with the option (or ignores it in favour of its successor). */
  readonly since: MysqlVersion;
  /** What does the same now; without it the option had no effect any more or nothing does the same. */
  readonly successor?: (value: string | number) => ConfOption | undefined;
}

const renamed = (name: string) => (value: string | number) => ({ name, value: String(value) });

/**
 * Options in users' manifests that a newer mysqld does not start with. A manifest that served 5.7 goes on serving: such an
 * option is replaced by its successor or left out, and the condition ConfigurationValid says so.
 */
const retirements: Readonly<Record<string, Retirement>> = {
  'default-authentication-plugin': { since: [8, 4, 0] },
  'expire-logs-days': {
    since: [8, 0, 11],
    successor: (days) => seconds(days),
  },
  'innodb-file-format': { since: [8, 0, 11] },
  'innodb-large-prefix': { since: [8, 0, 11] },
  'innodb-log-file-size': {
    since: [8, 0, 30],
    successor: (size) => redoLogOfTwoFiles(size),
  },
  'innodb-log-files-in-group': { since: [8, 0, 30] },
  'innodb-support-xa': { since: [8, 0, 11] },
  'log-warnings': { since: [8, 0, 11] },
  'master-info-repository': { since: [8, 3, 0] },
  'query-cache-limit': { since: [8, 0, 11] },
  'query-cache-size': { since: [8, 0, 11] },
  'query-cache-type': { since: [8, 0, 11] },
  'relay-log-info-file': { since: [8, 3, 0] },
  'relay-log-info-repository': { since: [8, 3, 0] },
  'secure-auth': { since: [8, 0, 11] },
  'skip-host-cache': { since: [8, 3, 0], successor: () => ({ name: 'host-cache-size', value: '0' }) },
  'sync-frm': { since: [8, 0, 11] },
  'transaction-write-set-extraction': { since: [8, 3, 0] },
  'tx-isolation': { since: [8, 0, 11], successor: renamed('transaction-isolation') },
  'tx-read-only': { since: [8, 0, 11], successor: renamed('transaction-read-only') },
};

export type Retired =
  | { readonly kind: 'current' }
  | { readonly kind: 'replaced'; readonly by: ConfOption }
  | { readonly kind: 'dropped' };

/** What becomes of a user's option (by its canonical name) in this version. */
export function retire(name: string, value: string | number, version: MysqlVersion | undefined): Retired {
  const retirement = retirements[name];
  if (retirement === undefined || !isAtLeast(version, retirement.since)) return { kind: 'current' };
  const by = retirement.successor?.(value);
  return by === undefined ? { kind: 'dropped' } : { kind: 'replaced', by };
}

function seconds(days: string | number): ConfOption | undefined {
  const count = Number(days);
  return Number.isFinite(count) ? { name: 'binlog-expire-logs-seconds', value: String(count * 86_400) } : undefined;
}

function redoLogOfTwoFiles(size: string | number): ConfOption | undefined {
  const bytes = parseBytes(size);
  return bytes === undefined ? undefined : { name: 'innodb-redo-log-capacity', value: formatBytes(2 * bytes) };
}
