import { MysqlError } from './mysql-error.ts';
import type { SqlSession } from './sql-session.ts';

/** Beyond the server's own time-out: an answer that takes longer comes from a hung server. */
const graceMs = 1_000;

/**
 * Waits until the server has executed all of `gtidSet`: `SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)`. Costs nothing while it waits, and answers
 * within a millisecond of the last transaction.
 *
 * @returns false if `seconds` (fractions allowed) passed first
 * @throws MysqlError; Timeout if the server did not even answer in time
 */
export async function waitForGtid(
  session: SqlSession,
  gtidSet: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = { deadlineMs: seconds * 1_000 + graceMs, ...(signal !== undefined && { signal }) };
  // To MySQL a time-out of 0 means for ever.
  const sql =
    seconds > 0
      ? 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) = 0 AS reached'
      : 'SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS reached';
  const [row] = await session.query<{ reached: number | null }>(sql, [gtidSet, seconds], deadline);
  if (row === undefined) throw new MysqlError('Protocol', 'the wait for a GTID set returned no row');
  return row.reached === 1;
}
