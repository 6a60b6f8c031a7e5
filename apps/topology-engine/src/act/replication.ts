import {
  disableSemiSyncSource,
  enableSemiSyncReplica,
  type MysqlSession,
  moveReceiver,
  pointAt,
  type ReplicationSource,
  resetReplication,
  setSuperReadOnly,
  startReceiver,
  startReplication,
  stopReceiver,
  stopReplication,
} from '@pilotfish/mysql';
import type { InstanceView } from '@pilotfish/topology';
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
 * Puts an instance under a source: closed, its own semi-sync source off (it would hold the applier up), by auto-position.
 *
 * One that follows it already is left alone: a source notices the acknowledgements of a replica that comes back to it only
 * when its next look at the others ends, which is up to a second later.
 *
 * A replica that applies goes on applying: its relay log may be where an acknowledged commit is, so it is kept. Any other
 * starts with clean metadata: what a clone or a restart left in it names files that are not there.
 */
export async function follow(member: ClusterMember, options: FollowOptions): Promise<void> {
  const { acknowledges, deadlineMs } = options;
  const view = await member.watch.observeNow();
  if (followsAlready(view, options)) return;
  const session = await member.watch.admin();
  const deadline = { deadlineMs };
  await setSuperReadOnly(session, deadline);
  if (view.semiSyncSource) await disableSemiSyncSource(session, deadline);
  if (view.replication?.applier === 'ON') {
    await stopReceiver(session, deadline);
    await enableSemiSyncReplica(session, acknowledges, deadline);
    await moveReceiver(session, sourceOf(options), deadline);
    await startReceiver(session, deadline);
  } else {
    await stopReplication(session, deadline);
    await resetReplication(session, deadline);
    await enableSemiSyncReplica(session, acknowledges, deadline);
    await pointAt(session, sourceOf(options), deadline);
    await startReplication(session, deadline);
  }
  member.watch.look();
}

function followsAlready({ replication, readOnly, semiSyncReplica }: InstanceView, options: FollowOptions): boolean {
  const { source, acknowledges } = options;
  if (!replication || !readOnly || semiSyncReplica !== acknowledges) return false;
  return replication.sourceHost === source.address && replication.receiver !== 'OFF' && replication.applier === 'ON';
}

function sourceOf({ source, credentials }: FollowOptions): ReplicationSource {
  const { user, password } = credentials.replication;
  return { host: source.host, port: source.port, user, password, heartbeatSeconds, connectRetrySeconds, retryCount };
}

/** Whether the session's server has a source configured: STOP and RESET REPLICA are for such servers. */
export async function hasSource(session: MysqlSession, deadlineMs: number): Promise<boolean> {
  return (await session.observe({ deadlineMs })).replication !== null;
}
