import { messageOf } from '@pilotfish/service';
import type { Announcer } from './announcer.ts';
import { isFailed, type PartResult } from './apply-objects.ts';
import type { RawCluster } from './resources.ts';
import type { Settlement } from './settle-cluster.ts';

/** Tells what a pass over a cluster has done. */
export function announceSettlement(announcer: Announcer, cluster: RawCluster, settlement: Settlement): void {
  for (const part of settlement.parts) announcePart(announcer, cluster, part);
  announceScaling(announcer, cluster, settlement);
  announceRoll(announcer, cluster, settlement);
  announceRemovals(announcer, cluster, settlement);
}

/** Reasons as the operator of old gave them, its spelling included: people have alerts on them. */
function announcePart(announcer: Announcer, cluster: RawCluster, part: PartResult): void {
  const what = `${part.kind} ${part.name}`;
  if (isFailed(part)) announcer.warning(cluster, `${part.part}SyncFailed`, `${what}: ${messageOf(part.error)}`);
  else if (part.outcome !== 'unchanged') {
    announcer.normal(cluster, `${part.part}SyncSuccessfull`, `${what} ${part.outcome} successfully`);
  }
}

function announceScaling(announcer: Announcer, cluster: RawCluster, { scaled }: Settlement): void {
  if (scaled === undefined) return;
  const { from, to } = scaled;
  const occurrence = `${String(cluster.metadata.generation ?? 0)}:${String(from)}-${String(to)}`;
  announcer.publish(cluster, 'scaled', scaled, occurrence);
  announcer.normal(cluster, 'Scaled', `The StatefulSet goes from ${String(from)} to ${String(to)} instances.`);
}

function announceRoll(announcer: Announcer, cluster: RawCluster, { roll }: Settlement): void {
  if (roll.rolled === undefined) return;
  const { instance, uid, reason } = roll.rolled;
  announcer.publish(cluster, 'instance-rolled', { instance, reason }, uid);
  announcer.normal(cluster, 'InstanceRolled', `Pod ${instance} is replaced: ${reason}.`);
}

function announceRemovals(announcer: Announcer, cluster: RawCluster, { removals }: Settlement): void {
  for (const { removal, error } of removals) {
    const { claim, instance } = removal;
    if (error !== undefined) {
      announcer.warning(cluster, 'FailedPVCCleanup', `PersistentVolumeClaim ${claim.name}: ${messageOf(error)}`);
      continue;
    }
    announcer.publish(cluster, 'volume-removed', { instance, claim: claim.name }, claim.uid);
    const message = `PersistentVolumeClaim ${claim.name} of the removed instance ${instance} is deleted.`;
    announcer.normal(cluster, 'SuccessfulPVCCleanup', message);
  }
}
