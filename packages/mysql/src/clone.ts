import type { Deadline, Endpoint } from './endpoint.ts';
import { MysqlError, mysqlErrno } from './mysql-error.ts';
import type { SqlSession } from './sql-session.ts';

/** State of the last CLONE into this server, which survives the restart it ends with. */
export interface CloneStatus {
  readonly state: 'Not Started' | 'In Progress' | 'Completed' | 'Failed';
  /** host:port of the donor. */
  readonly source: string;
  readonly errno: number;
  readonly error: string;
  /** The stage under way, such as 'FILE COPY'; empty when none is. */
  readonly stage: string;
  /** Over all stages; the estimate is the donor's at the start. */
  readonly copiedBytes: number;
  readonly estimatedBytes: number;
}

/** `SET GLOBAL clone_valid_donor_list`: where this server may clone from. It is read when a CLONE begins. */
export async function setValidDonors(
  session: SqlSession,
  donors: readonly { host: string; port: number }[],
  deadline: Deadline,
): Promise<void> {
  const list = donors.map(({ host, port }) => `${host}:${port}`).join(',');
  await session.query('SET GLOBAL clone_valid_donor_list = ?', [list], deadline);
}

/**
 * `CLONE INSTANCE FROM …`: **drops everything this server has** and copies the donor's data over the network, then restarts mysqld.
 * Needs CLONE_ADMIN here and BACKUP_ADMIN for the donor's user; the donor must be in the valid donors. A writable donor goes on writing; DDL there waits at times.
 * Lasts as long as the copy does: give a deadline of hours, and follow `cloneStatus` from a second session.
 *
 * @returns 'restarting' when the connection ended, which a crash also looks like: check `cloneStatus` on the restarted server.
 *          'restart-needed' when the copy is complete but mysqld has no supervisor that would start it again.
 */
export async function cloneFrom(
  session: SqlSession,
  donor: Endpoint,
  deadline: Deadline,
): Promise<'restarting' | 'restart-needed'> {
  const sql = 'CLONE INSTANCE FROM ?@?:? IDENTIFIED BY ? REQUIRE SSL';
  try {
    await session.query(sql, [donor.user, donor.host, donor.port, donor.password], deadline);
    return 'restarting';
  } catch (error: unknown) {
    if (!(error instanceof MysqlError)) throw error;
    if (error.errno === mysqlErrno.restartFailedNotSupervised) return 'restart-needed';
    if (error.kind === 'Closed' && deadline.signal?.aborted !== true) return 'restarting';
    throw error;
  }
}

/** Progress or outcome of the last clone, from performance_schema: cheap. Null if there never was one, or the plugin is not loaded. */
export async function cloneStatus(session: SqlSession, deadline: Deadline): Promise<CloneStatus | null> {
  const [row] = await session.query<CloneRow>(cloneStatusSql, [], deadline);
  if (row === undefined) return null;
  return {
    state: row.state,
    source: row.source,
    errno: row.errno,
    error: row.error,
    stage: row.stage ?? '',
    copiedBytes: Number(row.copied ?? 0),
    estimatedBytes: Number(row.estimated ?? 0),
  };
}

interface CloneRow {
  readonly state: CloneStatus['state'];
  readonly source: string;
  readonly errno: number;
  readonly error: string;
  readonly stage: string | null;
  readonly copied: number | string | null;
  readonly estimated: number | string | null;
}

const cloneStatusSql = `SELECT status.STATE AS state, status.SOURCE AS source, status.ERROR_NO AS errno, status.ERROR_MESSAGE AS error,
    (SELECT STAGE FROM performance_schema.clone_progress WHERE STATE = 'In Progress' LIMIT 1) AS stage,
    (SELECT SUM(DATA) FROM performance_schema.clone_progress) AS copied,
    (SELECT SUM(ESTIMATE) FROM performance_schema.clone_progress) AS estimated
  FROM performance_schema.clone_status AS status`;
