import { type InstanceView, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';
import { timing } from './timing.ts';

/** MySQL's errors when a replica is not let in by its source: another password, an unknown or locked account, a blocked host. */
const notLetIn: ReadonlySet<number> = new Set([1045, 1129, 1130, 1698, 3118]);

/** What is worth saying of a replica that follows the right source and is not broken; undefined when nothing is. */
export function troubleOfReplica(view: InstanceView, snapshot: Snapshot): string | undefined {
  const { replication } = view;
  if (!replication) return undefined;
  const { receiver, receiverErrno, receiverError, delaySeconds } = replication;
  if (receiver === 'CONNECTING' && notLetIn.has(receiverErrno)) {
    return `its source refuses the replication account: ${receiverError}`;
  }
  if (receiver === 'CONNECTING' && receiverErrno !== 0) return `it does not reach its source: ${receiverError}`;
  if (delaySeconds > 0) return `it applies everything ${delaySeconds} s late on purpose (SOURCE_DELAY)`;
  const skewMs = clockSkewOf(view, snapshot);
  if (Math.abs(skewMs) < timing.clockSkewMs) return undefined;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  return `its clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the primary's`;
}

/** How far a server's clock is ahead of the primary's, milliseconds; 0 when the primary does not answer. */
function clockSkewOf(view: InstanceView, snapshot: Snapshot): number {
  const primary = viewOf(instanceNamed(snapshot, snapshot.recorded.primary));
  return primary ? view.clockOffsetMs - primary.clockOffsetMs : 0;
}
