import { cloneStatus, MysqlError, type MysqlSession } from '@pilotfish/mysql';
import type { LocalMysql } from './local-mysql.ts';

/** How the last CLONE into this mysqld stands, as far as mysqld knows. */
export type CloneOutcome =
  | { readonly kind: 'running' | 'completed' | 'never-begun' }
  | { readonly kind: 'failed'; readonly detail: string };

const deadline = { deadlineMs: 5000 };

/** @throws MysqlError while mysqld can't be asked */
export async function cloneOutcome(local: LocalMysql): Promise<CloneOutcome> {
  try {
    return await local.withSession(askOutcome);
  } catch (error: unknown) {
    if (MysqlError.from(error).kind !== 'AuthFailed') throw error;
    return { kind: 'failed', detail: `the data on the volume has another password for ${local.operator.user}` };
  }
}

async function askOutcome(session: MysqlSession): Promise<CloneOutcome> {
  const status = await cloneStatus(session, deadline);
  const state = status?.state ?? 'Not Started';
  switch (state) {
    case 'Not Started':
      return { kind: 'never-begun' };
    case 'Completed':
      return { kind: 'completed' };
    case 'Failed':
      return { kind: 'failed', detail: `CLONE failed (${status?.errno ?? 0}): ${status?.error ?? ''}` };
    case 'In Progress':
      // A mysqld that died in the middle still says so when it is back.
      if (await isStatementRunning(session)) return { kind: 'running' };
      return { kind: 'failed', detail: 'mysqld ended before the clone was complete' };
    default:
      return state satisfies never;
  }
}

async function isStatementRunning(session: MysqlSession): Promise<boolean> {
  const rows = await session.query<{ Info: string | null }>('SHOW PROCESSLIST', [], deadline);
  return rows.some(({ Info }) => Info !== null && /^clone\s/i.test(Info));
}

/** Whether a clone that failed had begun to drop what was here; yes when nobody can tell. */
export async function oldDataMayBeGone(local: LocalMysql): Promise<boolean> {
  const sql = "SELECT STATE AS state FROM performance_schema.clone_progress WHERE STAGE = 'DROP DATA'";
  try {
    const [row] = await local.withSession((session) => session.query<{ state: string }>(sql, [], deadline));
    return row !== undefined && row.state !== 'Not Started';
  } catch {
    return true;
  }
}
