import type { Deadline } from './endpoint.ts';
import type { SqlSession } from './sql-session.ts';

/** The source a replica follows, and how closely it watches it. */
export interface ReplicationSource {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** How often an idle source says that it is there; MySQL's default is half of replica_net_timeout. */
  readonly heartbeatSeconds: number;
  /** Between attempts to connect; MySQL's default is 60. */
  readonly connectRetrySeconds: number;
  /** Attempts before the receiver stops; 0 is for ever. MySQL's default is 10, which gives up after ten seconds of a dead source. */
  readonly retryCount: number;
}

/** Both threads: `START REPLICA`. 13 ms. Errors of the connection show up in the observation, not here. */
export async function startReplication(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('START REPLICA', [], deadline);
}

/** Both threads: `STOP REPLICA`. 7 ms with a live source; up to 2 s while the receiver is reconnecting to a hung one; waits for the transaction being applied. */
export async function stopReplication(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('STOP REPLICA', [], deadline);
}

/**
 * `STOP REPLICA IO_THREAD`: this replica acknowledges nothing more to its source, and goes on applying what it has.
 *
 * With every replica of a semi-sync source stopped, that source can have nothing acknowledged: a fence that needs nothing from it.
 * 6 to 28 ms, also when the source hangs, as long as the receiver still believes in it (state ON); 2.0 s when it is already reconnecting,
 * which begins after replica_net_timeout. So call it before that runs out.
 */
export async function stopReceiver(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('STOP REPLICA IO_THREAD', [], deadline);
}

/** `START REPLICA IO_THREAD`. The receiver takes up a changed rpl_semi_sync_replica_enabled here. */
export async function startReceiver(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('START REPLICA IO_THREAD', [], deadline);
}

/** `START REPLICA SQL_THREAD`, to apply what the relay log still holds while the receiver stays stopped. */
export async function startApplier(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('START REPLICA SQL_THREAD', [], deadline);
}

/**
 * `RESET REPLICA ALL`: forgets the source and deletes the relay logs, **with what was received and not yet applied**.
 * Replication must be stopped. gtid_executed stays.
 */
export async function resetReplication(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('RESET REPLICA ALL', [], deadline);
}

/**
 * `CHANGE REPLICATION SOURCE TO …` for the receiver alone: another source, for a replica that goes on applying what it has. 9 ms; the receiver
 * must be stopped, auto-position be on, and **the applier run: then the relay logs stay**, with what was received and not yet applied.
 */
export async function moveReceiver(session: SqlSession, source: ReplicationSource, deadline: Deadline): Promise<void> {
  await session.query(`CHANGE REPLICATION SOURCE TO ${receiverOptions}`, receiverValues(source), deadline);
}

const receiverOptions = `SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?, SOURCE_SSL = 1,
  GET_SOURCE_PUBLIC_KEY = 1, SOURCE_HEARTBEAT_PERIOD = ?, SOURCE_CONNECT_RETRY = ?, SOURCE_RETRY_COUNT = ?`;

function receiverValues(source: ReplicationSource): readonly unknown[] {
  const { host, port, user, password, heartbeatSeconds, connectRetrySeconds, retryCount } = source;
  return [host, port, user, password, heartbeatSeconds, connectRetrySeconds, retryCount];
}

/**
 * `CHANGE REPLICATION SOURCE TO …`: follow this source, by auto-position over TLS. 9 ms; replication must be stopped, and is not started.
 *
 * Heartbeat, connect-retry and retry-count are given every time, because a new SOURCE_HOST resets them to the slow defaults.
 * Relay logs are deleted (auto-position fetches again what was not applied).
 */
export async function pointAt(session: SqlSession, source: ReplicationSource, deadline: Deadline): Promise<void> {
  const sql = `CHANGE REPLICATION SOURCE TO ${receiverOptions}, SOURCE_AUTO_POSITION = 1`;
  await session.query(sql, receiverValues(source), deadline);
}
