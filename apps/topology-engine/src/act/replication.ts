import {
  disableSemiSyncSource,
  enableSemiSyncReplica,
  type MysqlSession,
  pointAt,
  setSuperReadOnly,
  startReplication,
  stopReplication,
} from '@pilotfish/mysql';
import type { Credentials } from '../inventory.ts';
import type { ClusterMember } from '../observe/cluster-member.ts';

/** Two beats within `timing.receiverSilentMs`. */
const heartbeatSeconds = 0.5;
const connectRetrySeconds = 1;
/** With `replica_net_timeout` 4 s: a replica that was cut off gives up within `timing.receiverGivesUpMs`. */
const retryCount = 10;

export interface FollowOptions {
  readonly source: ClusterMember;
  /** Whether this instance's acknowledgements count. */
  readonly acknowledges: boolean;
  readonly credentials: Credentials;
  readonly deadlineMs: number;
}

/**
 * Puts an instance under a source: closed, its own semi-sync source off (it would hold the applier up), then auto-position.
 * What it received and did not apply is fetched again from the source.
 */
export async function follow(member: ClusterMember, options: FollowOptions): Promise<void> {
  const { source, acknowledges, credentials, deadlineMs } = options;
  const session = await member.watch.admin();
  const deadline = { deadlineMs };
  await setSuperReadOnly(session, deadline);
  if (member.watch.lastView?.semiSyncSource !== false) await disableSemiSyncSource(session, deadline);
  await stopReplication(session, deadline);
  await enableSemiSyncReplica(session, acknowledges, deadline);
  await pointAt(
    session,
    {
      host: source.host,
      port: source.port,
      user: credentials.replication.user,
      password: credentials.replication.password,
      heartbeatSeconds,
      connectRetrySeconds,
      retryCount,
    },
    deadline,
  );
  await startReplication(session, deadline);
  member.watch.look();
}

/** Whether the session's server has a source configured: STOP and RESET REPLICA are for such servers. */
export async function hasSource(session: MysqlSession, deadlineMs: number): Promise<boolean> {
  return (await session.observe({ deadlineMs })).replication !== null;
}
