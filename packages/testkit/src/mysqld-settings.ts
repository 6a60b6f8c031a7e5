/** Values as in my.cnf, names with underscores or dashes. `null` leaves a default out; plugins are given as in plugin-load-add, separated by ';'. */
export type MysqldSettings = Readonly<Record<string, string | number | boolean | null>>;

/** Fixed when a data directory is initialised; the same for its whole life. */
export const fixedSettings: MysqldSettings = {
  innodb_data_file_path: 'ibdata1:8M:autoextend',
  innodb_autoextend_increment: 4,
};

/** What the operator's my.cnf says, as far as it matters to replication and failover. */
const productionSettings: MysqldSettings = {
  log_bin: 'mysql-bin',
  log_replica_updates: true,
  skip_replica_start: true,
  gtid_mode: 'ON',
  enforce_gtid_consistency: 'ON',
  super_read_only: true,
  read_only: true,
  relay_log_recovery: true,
  sync_binlog: 1,
  innodb_flush_log_at_trx_commit: 1,
  plugin_load_add: 'semisync_source.so;semisync_replica.so;mysql_clone.so',
  rpl_semi_sync_source_enabled: false,
  rpl_semi_sync_replica_enabled: false,
  rpl_semi_sync_source_wait_point: 'AFTER_SYNC',
  rpl_semi_sync_source_timeout: 4_294_967_295,
  rpl_semi_sync_source_wait_no_replica: true,
  replica_net_timeout: 4,
  replica_preserve_commit_order: true,
  skip_name_resolve: true,
  secure_file_priv: '',
  mysqlx: false,
};

/** Small, so that several servers start fast beside each other. */
const smallSettings: MysqldSettings = {
  innodb_buffer_pool_size: '32M',
  innodb_redo_log_capacity: '16M',
  innodb_log_buffer_size: '1M',
  innodb_doublewrite: 'OFF',
  innodb_buffer_pool_load_at_startup: false,
  innodb_buffer_pool_dump_at_shutdown: false,
  max_connections: 200,
  table_open_cache: 200,
  table_definition_cache: 400,
  performance_schema_max_digest_length: 0,
};

export function mysqldSettings(overrides: MysqldSettings): MysqldSettings {
  return { ...productionSettings, ...smallSettings, ...fixedSettings, ...underscored(overrides) };
}

/** As arguments of mysqld. */
export function settingArguments(settings: MysqldSettings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (value === null) return [];
    const option = `--${name.replaceAll('_', '-')}`;
    if (name === 'plugin_load_add')
      return String(value)
        .split(';')
        .map((plugin) => `${option}=${plugin}`);
    return [`${option}=${typeof value === 'boolean' ? Number(value) : value}`];
  });
}

function underscored(settings: MysqldSettings): MysqldSettings {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.replaceAll('-', '_'), value]));
}
