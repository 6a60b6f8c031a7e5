import type { Deadline } from './endpoint.ts';
import type { SqlSession } from './sql-session.ts';

/**
 * Commits an empty transaction under each of these GTIDs (`uuid:7`): from then on they count as executed here and, as they replicate,
 * everywhere. For transactions that are known to change nothing. One that is executed already stays as it is.
 *
 * @param deadline for each statement; a session that fails in between is destroyed, because it would name its next transaction wrongly
 */
export async function commitEmptyTransactions(
  session: SqlSession,
  gtids: Iterable<string>,
  deadline: Deadline,
): Promise<void> {
  try {
    for (const gtid of gtids) {
      await session.query('SET SESSION gtid_next = ?', [gtid], deadline);
      await session.query('BEGIN', [], deadline);
      await session.query('COMMIT', [], deadline);
    }
    await session.query("SET SESSION gtid_next = 'AUTOMATIC'", [], deadline);
  } catch (error: unknown) {
    session.destroy();
    throw error;
  }
}
