import type { ClusterState } from './cluster-state.ts';
import type { Decision } from './decision.ts';
import { failover } from './failover.ts';
import { handOver } from './hand-over.ts';
import type { HoldReason } from './hold.ts';
import type { InstanceEvidence, InstanceView, Snapshot } from './snapshot.ts';
import { timing } from './timing.ts';

/** A primary that answers and is open, and can't commit: what its agent and its own heartbeat say. */
export function troubleOf(snapshot: Snapshot, primary: InstanceEvidence, view: InstanceView): Decision | undefined {
  const { agent, name } = primary;
  if (!agent) return undefined;
  if (agent.fileSystemReadOnly) {
    return handOver(snapshot, primary, 'PrimaryStorageFailed', `the file system of ${name} has become read-only`);
  }
  // While it was closed it wrote none: a beat of before it was opened says nothing.
  const beatAgeMs = Math.min(view.heartbeatAgeMs ?? 0, primary.openMs);
  // Two witnesses: its agent can't write to the volume, and its own newest commit is as old.
  if (agent.ioStalledMs >= timing.ioStoppedMs && beatAgeMs >= timing.ioStoppedMs) {
    return failover(snapshot, 'PrimaryIoStopped', `the volume of ${name} takes no writes and returns no error`);
  }
  if (agent.diskFull) return held('PrimaryDiskFull', 'DiskFull', diskFull(name));
  const waitsForAcks = view.semiSyncWaitSessions > 0;
  if (beatAgeMs >= timing.writesBlockedMs && !waitsForAcks && !snapshot.readOnly && agent.hungMs === 0) {
    return held('PrimaryWritesBlocked', 'WritesBlocked', writesBlocked(name));
  }
  return undefined;
}

interface Words {
  readonly message: string;
  readonly lifts: string;
}

const held = (state: ClusterState, reason: HoldReason, words: Words): Decision => ({
  state,
  hold: { reason, ...words },
});

/** The replicas hold the same data: their volumes fill up as well, and a failover would only change who waits. */
const diskFull = (name: string): Words => ({
  message: `the volume of ${name} is full: mysqld waits for room, and its replicas hold as much`,
  lifts: 'the volume is enlarged, or room is made on it (purged binary logs, dropped tables): mysqld goes on by itself',
});

/** FLUSH TABLES WITH READ LOCK, LOCK INSTANCE FOR BACKUP and the like: whoever did it may undo it, and nothing is broken. */
const writesBlocked = (name: string): Words => ({
  message: `${name} is open and commits nothing, while its volume works and no commit waits for a replica: a lock holds writes up`,
  lifts: 'whoever holds the lock gives it up, or its session is ended (performance_schema.metadata_locks names it)',
});
