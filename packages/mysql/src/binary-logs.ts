import type { Deadline } from './endpoint.ts';
import type { SqlSession } from './sql-session.ts';

export interface BinaryLog {
  readonly name: string;
  readonly sizeBytes: number;
}

/** The server's binary logs, oldest first: `SHOW BINARY LOGS`. Opens each file for its size: milliseconds with thousands of them. */
export async function listBinaryLogs(session: SqlSession, deadline: Deadline): Promise<BinaryLog[]> {
  const rows = await session.query<{ Log_name: string; File_size: number | string }>('SHOW BINARY LOGS', [], deadline);
  return rows.map((row) => ({ name: row.Log_name, sizeBytes: Number(row.File_size) }));
}

/**
 * Deletes the binary logs before `firstKept`: `PURGE BINARY LOGS TO ?`. gtid_purged grows by what they held.
 * **A replica that lacks any of it can no longer attach here**, so compare gtid sets first. Deleting large files takes as long as the file system takes.
 */
export async function purgeBinaryLogs(session: SqlSession, firstKept: string, deadline: Deadline): Promise<void> {
  await session.query('PURGE BINARY LOGS TO ?', [firstKept], deadline);
}

/** Closes the current binary log and begins a new one: `FLUSH BINARY LOGS`. One fsync. */
export async function rotateBinaryLog(session: SqlSession, deadline: Deadline): Promise<void> {
  await session.query('FLUSH BINARY LOGS', [], deadline);
}
