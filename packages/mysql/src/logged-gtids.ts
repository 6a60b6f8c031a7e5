import type { Deadline } from './endpoint.ts';
import type { SqlSession } from './sql-session.ts';

/**
 * Everything in the server's binary log, as two GTID sets: what is committed, and what waits to be. With AFTER_SYNC a
 * transaction that waits for its acknowledgements is on its way to the replicas, but not in `gtid_executed`.
 */
export interface LoggedGtids {
  readonly executed: string;
  readonly waiting: string;
}

/** Reads both, what waits first: a transaction that is committed in between is then in both, never in neither. */
export async function loggedGtids(session: SqlSession, deadline: Deadline): Promise<LoggedGtids> {
  const [row] = await session.query<{ owned: string; executed: string }>(
    'SELECT @@GLOBAL.gtid_owned AS owned, @@GLOBAL.gtid_executed AS executed',
    [],
    deadline,
  );
  return { executed: row?.executed ?? '', waiting: withoutOwners(row?.owned ?? '') };
}

/** `uuid:7#12:8#13` names a thread behind each number. */
const withoutOwners = (owned: string): string => owned.replaceAll(/#\d+/g, '');
