import { stopReplication } from '@pilotfish/mysql';
import type { Credentials } from '../inventory.ts';
import { closeBySql } from './close-by-sql.ts';
import type { PlanMember } from './plan-member.ts';
import { hasSource } from './replication.ts';

/**
 * Takes an instance's server out of service: its agent kills it and keeps it from starting. Where there is no agent it is closed for
 * writes, and replicates no more. Can be done again.
 */
export async function holdInstance(
  member: PlanMember,
  reason: string,
  credentials: Credentials,
  deadlineMs: number,
): Promise<void> {
  const { agent, watch } = member;
  if (agent) {
    await agent.hold(reason, deadlineMs);
  } else {
    await closeBySql(member, credentials);
    const session = await watch.admin();
    if (await hasSource(session, deadlineMs)) await stopReplication(session, { deadlineMs });
  }
  watch.look();
}
