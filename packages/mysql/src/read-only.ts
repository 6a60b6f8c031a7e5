import type { Deadline } from './endpoint.ts';
import type { SqlSession } from './sql-session.ts';

/**
 * Closes the server for writes of everybody, superusers included: `SET GLOBAL super_read_only = ON` (which sets read_only too).
 *
 * 2 ms, and from then on no commit succeeds. But it waits for commits that are under way; with semi-sync one that waits for its acknowledgement
 * holds it up even after its session was killed. Then this fails with Timeout: at the deadline, and the server **may become read-only up to 5 s
 * later**, or after 5 s by the server itself, and it stays writable. Where that matters, turn the semi-sync source off first (which commits the
 * waiting transactions here) or kill mysqld.
 */
export async function setSuperReadOnly(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('SET GLOBAL super_read_only = ON', [], deadline);
}

/** Opens the server for writes: `SET GLOBAL read_only = OFF` (which clears super_read_only too). 1 ms. */
export async function openWrites(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('SET GLOBAL read_only = OFF', [], deadline);
}
