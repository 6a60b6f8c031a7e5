import type { Deadline } from './endpoint.ts';
import type { MysqlSession } from './mysql-session.ts';

interface SettingsRow {
  readonly gtid_mode: string;
  readonly consistency: string;
  readonly log_bin: number;
  readonly relays: number;
  readonly plugins: string | null;
}

const sql = `SELECT @@GLOBAL.gtid_mode AS gtid_mode, @@GLOBAL.enforce_gtid_consistency AS consistency, @@GLOBAL.log_bin AS log_bin,
  @@GLOBAL.log_replica_updates AS relays, (SELECT GROUP_CONCAT(PLUGIN_NAME) FROM information_schema.PLUGINS
    WHERE PLUGIN_NAME IN ('rpl_semi_sync_source', 'rpl_semi_sync_replica') AND PLUGIN_STATUS = 'ACTIVE') AS plugins`;

/**
 * What a server lacks to be an instance of a cluster, each as a line of my.cnf that would mend it; empty if nothing. One statement, 1 ms.
 * @throws MysqlError
 */
export async function missingSettings(session: MysqlSession, deadline: Deadline): Promise<string[]> {
  const [row] = await session.query<SettingsRow>(sql, [], deadline);
  if (row === undefined) return [];
  const plugins = (row.plugins ?? '').split(',');
  const needs: readonly (readonly [line: string, isThere: boolean])[] = [
    ['gtid_mode=ON', row.gtid_mode === 'ON'],
    ['enforce_gtid_consistency=ON', row.consistency === 'ON'],
    ['log_bin=ON', row.log_bin === 1],
    ['log_replica_updates=ON', row.relays === 1],
    ['plugin_load_add=semisync_source.so', plugins.includes('rpl_semi_sync_source')],
    ['plugin_load_add=semisync_replica.so', plugins.includes('rpl_semi_sync_replica')],
  ];
  return needs.filter(([, isThere]) => !isThere).map(([line]) => line);
}
