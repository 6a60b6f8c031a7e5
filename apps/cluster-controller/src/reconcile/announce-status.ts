import { type Condition, findCondition } from '@pilotfish/api';
import type { Announcer } from './announcer.ts';
import type { RawCluster } from './resources.ts';
import type { OwnStatus, PreviousStatus } from './status-writer.ts';

/**
 * Tells what a status that has just been written says anew. Everything is derived from the two statuses, so that a
 * controller that takes over in the middle neither repeats nor forgets anything.
 */
export function announceStatus(
  announcer: Announcer,
  cluster: RawCluster,
  previous: PreviousStatus,
  next: OwnStatus,
): void {
  announceGeneration(announcer, cluster, previous.observedGeneration, next.observedGeneration);
  announceRoll(announcer, cluster, previous, next);
  const changes = next.conditions.filter((condition) => {
    const before = previous.conditions?.find(({ type }) => type === condition.type);
    return before?.status !== condition.status || before.reason !== condition.reason;
  });
  for (const condition of changes) announceCondition(announcer, cluster, condition);
}

function announceGeneration(
  announcer: Announcer,
  cluster: RawCluster,
  before: number | undefined,
  generation: number,
): void {
  if (before === undefined) announcer.publish(cluster, 'cluster-created', {}, 0);
  if (before !== generation) announcer.publish(cluster, 'spec-changed', { generation }, generation);
}

function announceRoll(announcer: Announcer, cluster: RawCluster, previous: PreviousStatus, next: OwnStatus): void {
  const before = previous.phase === 'Updating';
  const now = next.phase === 'Updating';
  if (before === now) return;
  const when = `${String(next.observedGeneration)}:${readySince(previous)}`;
  if (now) {
    announcer.publish(cluster, 'roll-started', {}, when);
    announcer.normal(cluster, 'RollStarted', 'Pods are replaced one by one: replicas first, the primary last.');
  } else {
    announcer.publish(cluster, 'roll-completed', {}, when);
    announcer.normal(cluster, 'RollCompleted', 'All pods have the current revision.');
  }
}

function announceCondition(announcer: Announcer, cluster: RawCluster, condition: Condition): void {
  const { type, status, reason, message, lastTransitionTime } = condition;
  const good = status === 'True';
  if (good) announcer.normal(cluster, reason, message);
  else announcer.warning(cluster, reason, message);
  const occurrence = `${lastTransitionTime}:${reason}`;
  if (type === 'Ready') announcer.publish(cluster, 'ready-changed', { ready: good, reason }, occurrence);
  else if (!good) announcer.publish(cluster, 'configuration-refused', { reason, message }, occurrence);
}

function readySince({ conditions }: PreviousStatus): string {
  return findCondition(conditions, 'Ready')?.lastTransitionTime ?? '';
}
