import { neverFallBackMs } from './semi-sync.ts';

/** What the server is assumed to have. Naming what it lacks fails the statement. */
export interface ObservationScope {
  /** The table sys_operator.heartbeat: read it, see whether it is there by now, or leave it out. */
  readonly heartbeat: 'read' | 'look-for' | 'leave-out';
  /** The plugins semisync_source and semisync_replica. */
  readonly semiSync: boolean;
}

/**
 * The statement of an observation, for MySQL 8.4 to 9.x. It reads memory only (but for the heartbeat's one row), takes no lock a transaction holds
 * and answers while commits wait for acknowledgements. About 0.3 ms; without the semi-sync plugins 0.8 ms, because their variables are then looked
 * for by name in performance_schema, which makes the list of all variables first.
 */
export function observationSql({ heartbeat, semiSync }: ObservationScope): string {
  return statement(semiSync ? loadedVariables : maybeMissingVariables, {
    heartbeatAge: heartbeat === 'read' ? heartbeatAge : 'NULL',
    heartbeatExists: heartbeat === 'look-for' ? heartbeatExists : 'NULL',
  });
}

const loadedVariables = `(SELECT
    @@GLOBAL.rpl_semi_sync_source_enabled AND @@GLOBAL.rpl_semi_sync_source_wait_no_replica
      AND @@GLOBAL.rpl_semi_sync_source_timeout >= ${neverFallBackMs}
      AND @@GLOBAL.rpl_semi_sync_source_wait_point = 'AFTER_SYNC' AS semi_sync_source,
    @@GLOBAL.rpl_semi_sync_source_wait_for_replica_count AS semi_sync_wait_for,
    @@GLOBAL.rpl_semi_sync_replica_enabled AS semi_sync_replica)`;

const maybeMissingVariables = `(SELECT
    SUM(CASE VARIABLE_NAME
      WHEN 'rpl_semi_sync_source_enabled' THEN VARIABLE_VALUE = 'ON'
      WHEN 'rpl_semi_sync_source_wait_no_replica' THEN VARIABLE_VALUE = 'ON'
      WHEN 'rpl_semi_sync_source_timeout' THEN VARIABLE_VALUE >= ${neverFallBackMs}
      WHEN 'rpl_semi_sync_source_wait_point' THEN VARIABLE_VALUE = 'AFTER_SYNC' END) = 4 AS semi_sync_source,
    MAX(IF(VARIABLE_NAME = 'rpl_semi_sync_source_wait_for_replica_count', VARIABLE_VALUE, NULL)) AS semi_sync_wait_for,
    MAX(IF(VARIABLE_NAME = 'rpl_semi_sync_replica_enabled', VARIABLE_VALUE, NULL)) AS semi_sync_replica
  FROM performance_schema.global_variables
  WHERE VARIABLE_NAME LIKE 'rpl_semi_sync_%')`;

const heartbeatAge =
  '(SELECT TIMESTAMPDIFF(MICROSECOND, CAST(MAX(ts) AS DATETIME(6)), UTC_TIMESTAMP(6)) DIV 1000 FROM sys_operator.heartbeat)';

/** From the data dictionary; no lock on the table, and no error where there is none. */
const heartbeatExists =
  "(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'sys_operator' AND TABLE_NAME = 'heartbeat')";

function statement(
  variables: string,
  heartbeat: { readonly heartbeatAge: string; readonly heartbeatExists: string },
): string {
  return `SELECT
  @@GLOBAL.server_uuid AS server_uuid, @@GLOBAL.server_id AS server_id, @@GLOBAL.version AS version,
  ROUND(UNIX_TIMESTAMP(NOW(6)) * 1000) AS clock_ms,
  @@GLOBAL.read_only AS read_only, @@GLOBAL.super_read_only AS super_read_only,
  @@GLOBAL.gtid_executed AS gtid_executed, @@GLOBAL.gtid_purged AS gtid_purged,
  variable.semi_sync_source, variable.semi_sync_wait_for, variable.semi_sync_replica,
  counter.semi_sync_clients, counter.semi_sync_wait_sessions, counter.uptime_seconds,
  source.HOST AS source_host, source.PORT AS source_port, receiver.SOURCE_UUID AS source_uuid,
  receiver.SERVICE_STATE AS receiver_state, receiver.RECEIVED_TRANSACTION_SET AS received, receiver.LAST_ERROR_MESSAGE AS receiver_error,
  receiver.LAST_ERROR_NUMBER AS receiver_errno, receiver.QUEUEING_TRANSACTION <> '' AS receiving, delay.DESIRED_DELAY AS delay_seconds,
  ROUND((UNIX_TIMESTAMP(NOW(6)) - NULLIF(GREATEST(UNIX_TIMESTAMP(receiver.LAST_HEARTBEAT_TIMESTAMP),
    UNIX_TIMESTAMP(receiver.LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP),
    UNIX_TIMESTAMP(receiver.QUEUEING_TRANSACTION_START_QUEUE_TIMESTAMP)), 0)) * 1000) AS last_heard_ms_ago,
  applier.SERVICE_STATE AS applier_state,
  COALESCE(worker.LAST_ERROR_NUMBER, coordinator.LAST_ERROR_NUMBER, 0) AS applier_errno,
  COALESCE(worker.LAST_ERROR_MESSAGE, coordinator.LAST_ERROR_MESSAGE, '') AS applier_error,
  ${heartbeat.heartbeatAge} AS heartbeat_age_ms, ${heartbeat.heartbeatExists} AS heartbeat_exists
FROM
  ${variables} AS variable
  JOIN (SELECT
    MAX(IF(VARIABLE_NAME = 'Rpl_semi_sync_source_clients', VARIABLE_VALUE, NULL)) AS semi_sync_clients,
    MAX(IF(VARIABLE_NAME = 'Rpl_semi_sync_source_wait_sessions', VARIABLE_VALUE, NULL)) AS semi_sync_wait_sessions,
    MAX(IF(VARIABLE_NAME = 'Uptime', VARIABLE_VALUE, NULL)) AS uptime_seconds
  FROM performance_schema.global_status
  WHERE VARIABLE_NAME IN ('Rpl_semi_sync_source_clients', 'Rpl_semi_sync_source_wait_sessions', 'Uptime')) AS counter
  LEFT JOIN performance_schema.replication_connection_configuration AS source ON source.CHANNEL_NAME = ''
  LEFT JOIN performance_schema.replication_connection_status AS receiver ON receiver.CHANNEL_NAME = ''
  LEFT JOIN performance_schema.replication_applier_configuration AS delay ON delay.CHANNEL_NAME = ''
  LEFT JOIN performance_schema.replication_applier_status AS applier ON applier.CHANNEL_NAME = ''
  LEFT JOIN performance_schema.replication_applier_status_by_coordinator AS coordinator ON coordinator.CHANNEL_NAME = ''
  LEFT JOIN (SELECT LAST_ERROR_NUMBER, LAST_ERROR_MESSAGE FROM performance_schema.replication_applier_status_by_worker
    WHERE CHANNEL_NAME = '' AND LAST_ERROR_NUMBER <> 0 LIMIT 1) AS worker ON TRUE`;
}
