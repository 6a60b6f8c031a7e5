import { setTimeout as sleep } from 'node:timers/promises';
import type { Deadline } from './endpoint.ts';
import { MysqlError, mysqlErrno } from './mysql-error.ts';
import type { SqlSession } from './sql-session.ts';

/**
 * Kills the connections of applications: all but replication's, the server's own, this one, and those of `exceptUsers` (the operator's accounts).
 * One SELECT over the threads in memory, then a KILL each, about 0.1 ms.
 *
 * After read-only is on, this makes pooled clients reconnect, and so find the new primary. A session that waits for a semi-sync acknowledgement
 * goes on waiting.
 *
 * @returns how many were killed
 */
export async function killUserSessions(
  session: SqlSession,
  { exceptUsers }: { exceptUsers: readonly string[] },
  deadline: Deadline,
): Promise<number> {
  const rows = await session.query<{ id: number }>(
    `SELECT PROCESSLIST_ID AS id FROM performance_schema.threads
      WHERE TYPE = 'FOREGROUND' AND PROCESSLIST_ID <> CONNECTION_ID() AND PROCESSLIST_USER NOT IN (?)
        AND PROCESSLIST_COMMAND NOT IN ('Binlog Dump', 'Binlog Dump GTID', 'Daemon')`,
    // MySQL has no empty list; no user has the empty string's name here (anonymous ones show as NULL).
    [['', 'event_scheduler', ...exceptUsers]],
    deadline,
  );
  const killed = await Promise.all(rows.map(({ id }) => killSession(session, id, deadline)));
  return killed.filter(Boolean).length;
}

/** `KILL ?`. @returns false if the session had ended by itself */
export async function killSession(session: SqlSession, id: number, deadline: Deadline): Promise<boolean> {
  try {
    await session.query('KILL ?', [id], deadline);
    return true;
  } catch (error: unknown) {
    if (error instanceof MysqlError && error.errno === mysqlErrno.noSuchThread) return false;
    throw error;
  }
}

const pollMs = 5;

/**
 * Ends the sessions that have this connection attribute with another value than `except`, and waits until they are gone: whatever they
 * were told has been done or never will be. One that waits for a semi-sync acknowledgement can't be ended, and is told nothing more.
 *
 * @throws MysqlError of kind Timeout when one goes on
 */
export async function endSessions(
  session: SqlSession,
  { attribute, except }: { readonly attribute: string; readonly except: string },
  deadline: Deadline,
): Promise<void> {
  const giveUpAt = performance.now() + deadline.deadlineMs;
  for (;;) {
    const rows = await session.query<{ id: number }>(
      `SELECT PROCESSLIST_ID AS id FROM performance_schema.session_connect_attrs
         JOIN performance_schema.threads USING (PROCESSLIST_ID)
        WHERE ATTR_NAME = ? AND ATTR_VALUE <> ?
          AND NOT (PROCESSLIST_COMMAND = 'Killed' AND COALESCE(PROCESSLIST_STATE, '') LIKE 'Waiting for semi-sync ACK%')`,
      [attribute, except],
      deadline,
    );
    if (rows.length === 0) return;
    if (performance.now() > giveUpAt) {
      throw new MysqlError('Timeout', `${rows.length} session(s) of another ${attribute} go on after they were killed`);
    }
    await Promise.all(rows.map(({ id }) => killSession(session, id, deadline)));
    await sleep(pollMs);
  }
}
