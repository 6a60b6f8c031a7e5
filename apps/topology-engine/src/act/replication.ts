import type { GtidSet } from '@pilotfish/gtid';
import {
  enableSemiSyncReplica,
  moveReceiver,
  pointAt,
  type ReplicationSource,
  resetReplication,
  retireSemiSyncSource,
  type SqlSession,
  setSuperReadOnly,
  startReceiver,
  startReplication,
  stopReceiver,
  stopReplication,
} from '@pilotfish/mysql';
import type { InstanceView } from '@pilotfish/topology';
import type { Credentials } from '../inventory.ts';
import type { PlanMember } from './plan-member.ts';

/** Two beats within `timing.receiverSilentMs`. */
const heartbeatSeconds = 0.5;
const connectRetrySeconds = 1;
/** With `replica_net_timeout` 4 s: a replica that was cut off gives up within `timing.receiverGivesUpMs`. */
const retryCount = 10;

export interface FollowOptions {
  readonly source: PlanMember;
  /** Whether it is of the ack set. It acknowledges at once if it can have lost nothing; otherwise the ack set's steps see to it. */
  readonly isMember: boolean;
  /** What was acknowledged until now is in this set, as far as that is known: a member that has executed it has lost nothing. */
  readonly mustHold?: GtidSet;
  readonly credentials: Credentials;
  readonly deadlineMs: number;
  /** What was seen of it a moment ago, on the session that changed something there last: on that one it is not asked again. */
  readonly seen?: Seen;
  /** Looked at before each statement: what was decided on a topology that has ended must not start a receiver in the next. */
  readonly signal?: AbortSignal;
}

export interface Seen {
  readonly session: SqlSession;
  readonly view: InstanceView;
}

/**
 * Puts an instance under a source: closed, its own semi-sync source retired (it would hold the applier up), by auto-position.
 *
 * One that follows it already is left alone: a source notices the acknowledgements of a replica that comes back to it only
 * when its next look at the others ends, which is up to a second later.
 *
 * A replica that applies goes on applying: its relay log may be where an acknowledged commit is, so it is kept. Any other
 * starts with clean metadata: what a clone or a restart left in it names files that are not there.
 */
export async function follow(member: PlanMember, options: FollowOptions): Promise<void> {
  const { deadlineMs, signal } = options;
  // On one session: a server that is restarted meanwhile must not take what was decided on its former life.
  const session = await member.watch.admin();
  const view = options.seen?.session === session ? options.seen.view : await member.watch.observeNow(session);
  const acknowledges = mayAcknowledge(view, options);
  if (followsAlready(view, acknowledges, options)) return;
  const deadline = { deadlineMs };
  const keepsRelayLog = view.replication?.applier === 'ON';
  const stop = keepsRelayLog
    ? unless(view.replication.receiver === 'OFF', () => stopReceiver(session, deadline))
    : [() => stopReplication(session, deadline), () => resetReplication(session, deadline)];
  const close = (): Promise<void> => setSuperReadOnly(session, deadline);
  // Commits of a new primary wait until it receives: what is so already is left out, and `super` on top of read_only comes last.
  const statements: readonly (() => Promise<void>)[] = [
    ...unless(view.readOnly, close),
    ...unless(!view.semiSyncSource, () => retireSemiSyncSource(session, deadline)),
    ...stop,
    ...unless(view.semiSyncReplica === acknowledges, () => enableSemiSyncReplica(session, acknowledges, deadline)),
    () => (keepsRelayLog ? moveReceiver : pointAt)(session, sourceOf(options), deadline),
    () => (keepsRelayLog ? startReceiver : startReplication)(session, deadline),
    ...unless(!view.readOnly, close),
  ];
  for (const statement of statements) {
    signal?.throwIfAborted();
    await statement();
  }
  member.watch.look();
}

function unless<Statement>(isSo: boolean, statement: Statement): readonly Statement[] {
  return isSo ? [] : [statement];
}

/** Its relay log is kept, and was never dropped since its acknowledgements were turned on; or it has executed everything. */
function mayAcknowledge({ replication, semiSyncReplica, executed }: InstanceView, options: FollowOptions): boolean {
  const { isMember, mustHold } = options;
  const keepsAll = semiSyncReplica && replication?.applier === 'ON';
  return isMember && (keepsAll || (mustHold !== undefined && executed.contains(mustHold)));
}

function followsAlready(
  { replication, readOnly, semiSyncReplica }: InstanceView,
  acknowledges: boolean,
  { source }: FollowOptions,
): boolean {
  if (!replication || !readOnly || semiSyncReplica !== acknowledges) return false;
  return replication.sourceHost === source.address && replication.receiver !== 'OFF' && replication.applier === 'ON';
}

function sourceOf({ source, credentials }: FollowOptions): ReplicationSource {
  const { user, password } = credentials.replication;
  return { host: source.host, port: source.port, user, password, heartbeatSeconds, connectRetrySeconds, retryCount };
}

/** Whether the session's server has a source configured: STOP and RESET REPLICA are for such servers. */
export async function hasSource(session: SqlSession, deadlineMs: number): Promise<boolean> {
  return (await session.observe({ deadlineMs })).replication !== null;
}
