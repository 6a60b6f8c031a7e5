import { disableSemiSyncSource, killUserSessions, setSuperReadOnly } from '@pilotfish/mysql';
import type { Credentials } from '../inventory.ts';
import { operatorAccounts } from '../operator-accounts.ts';
import type { PlanMember } from './plan-member.ts';

/** Below the server's own limit of 5 s for the lock: while the statement waits, no new commit gets in. */
const closeDeadlineMs = 4_800;
const politeMs = 500;
const deadline = { deadlineMs: 3_000 };

/**
 * Closes a server that has no agent beside it, also when its commits wait for acknowledgements that will never come.
 *
 * `super_read_only = ON` waits for those, and keeps all others out meanwhile. So while it waits, the clients are sent away
 * first: nobody may be told that a commit that nobody else has is safe. Then the semi-sync source is turned off: the waiting
 * transactions are committed here, where they are errant, and the server closes.
 *
 * @returns whether force was needed
 * @throws MysqlError
 */
export async function closeBySql({ watch }: PlanMember, credentials: Credentials): Promise<boolean> {
  const closing = setSuperReadOnly(await watch.admin(), { deadlineMs: closeDeadlineMs });
  if (await endsWithin(closing, politeMs)) {
    await closing;
    return false;
  }
  const session = await watch.secondAdmin();
  try {
    const exceptUsers = [...operatorAccounts, credentials.operator.user, credentials.replication.user];
    await killUserSessions(session, { exceptUsers }, deadline);
    await disableSemiSyncSource(session, deadline);
  } finally {
    session.destroy();
  }
  await closing;
  return true;
}

async function endsWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([ended, late]);
  } finally {
    clearTimeout(timer);
  }
}
