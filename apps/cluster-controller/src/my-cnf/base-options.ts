import { isAtLeast, type MysqlVersion } from './mysql-version.ts';

/** One line of my.cnf. Without a value it is a switch. */
export interface ConfOption {
  readonly name: string;
  readonly value?: string;
}

const sqlMode = [
  'STRICT_TRANS_TABLES',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
].join(',');

/** Paths inside the pod. */
export const mysqlPaths = {
  data: '/var/lib/mysql',
  conf: '/etc/mysql',
  confTemplate: '/mnt/conf',
  run: '/var/run/mysqld',
  tmp: '/tmp',
} as const;

/**
 * What the operator relies on. Every instance starts closed for writes and without replication: topology-engine
 * opens and attaches it. The plugins' options are `loose`, because mysqld does not load plugins while it
 * initialises a data directory and would refuse to know them.
 */
const replicationOptions: Readonly<Record<string, string | null>> = {
  'binlog-expire-logs-seconds': '1209600',
  'enforce-gtid-consistency': 'ON',
  'gtid-mode': 'ON',
  'innodb-flush-log-at-trx-commit': '1',
  'log-bin': `${mysqlPaths.data}/mysql-bin`,
  'log-replica-updates': 'ON',
  'loose-rpl-semi-sync-replica-enabled': 'OFF',
  'loose-rpl-semi-sync-source-enabled': 'OFF',
  'loose-rpl-semi-sync-source-timeout': '4294967295',
  'loose-rpl-semi-sync-source-wait-no-replica': 'ON',
  'loose-rpl-semi-sync-source-wait-point': 'AFTER_SYNC',
  'read-only': 'ON',
  'relay-log-recovery': 'ON',
  'replica-net-timeout': '4',
  'replica-preserve-commit-order': 'ON',
  'skip-replica-start': 'ON',
  'super-read-only': 'ON',
  'sync-binlog': '1',
};

const serverOptions: Readonly<Record<string, string | null>> = {
  'character-set-server': 'utf8mb4',
  'collation-server': 'utf8mb4_unicode_ci',
  datadir: mysqlPaths.data,
  'default-storage-engine': 'InnoDB',
  'host-cache-size': '0',
  'innodb-file-per-table': '1',
  'innodb-flush-method': 'O_DIRECT',
  'key-buffer-size': '32M',
  'max-allowed-packet': '16M',
  'max-connect-errors': '1000000',
  'max-connections': '500',
  'max-heap-table-size': '32M',
  'myisam-recover-options': 'FORCE,BACKUP',
  mysqlx: 'OFF',
  'open-files-limit': '65535',
  'pid-file': `${mysqlPaths.run}/mysqld.pid`,
  'secure-file-priv': '',
  'skip-name-resolve': null,
  socket: `${mysqlPaths.run}/mysqld.sock`,
  'sql-mode': sqlMode,
  'sysdate-is-now': '1',
  'table-definition-cache': '4096',
  'table-open-cache': '4096',
  'thread-cache-size': '50',
  tmpdir: mysqlPaths.tmp,
  'tmp-table-size': '32M',
};

/** May stand in my.cnf more than once; a user's adds to ours instead of replacing it. */
export const repeatable: ReadonlySet<string> = new Set(['plugin-load-add']);

const plugins = ['semisync_source.so', 'semisync_replica.so', 'mysql_clone.so'];

/** The operator's options that need no computing, for a version of mysqld, sorted. */
export function baseOptions(version: MysqlVersion | undefined): ConfOption[] {
  const table = { ...serverOptions, ...replicationOptions, ...(isAtLeast(version, [8, 4, 0]) ? {} : before84) };
  const options = Object.entries(table).map(([name, value]) => ({ name, ...(value === null ? {} : { value }) }));
  options.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...plugins.map((value) => ({ name: 'plugin-load-add', value })), ...options];
}

/** Users' client libraries of that time expect it; 8.4 took the option away. */
const before84: Readonly<Record<string, string>> = { 'default-authentication-plugin': 'mysql_native_password' };
