import { type InstanceEvidence, type InstanceView, instanceNamed, type Snapshot, viewOf } from './snapshot.ts';

/**
 * How far an instance is behind the newest heartbeat that any instance has, milliseconds. Not behind now: while the primary
 * writes none (it is down, read-only, or its commits wait) nobody is behind because of that. Heartbeats carry the primary's
 * clock and are aged by the replica's, so what their clocks are apart is taken out.
 */
export function lagOf(view: InstanceView, snapshot: Snapshot): number {
  const age = trueAge(view, snapshot);
  if (age === null) return 0;
  const ages = snapshot.instances.flatMap((instance) => {
    const other = viewOf(instance);
    return (other && trueAge(other, snapshot)) ?? [];
  });
  return Math.max(age - Math.min(...ages), 0);
}

/** How far a server's clock is ahead of the primary's, milliseconds; 0 when the primary does not answer. */
export function clockSkewOf(view: InstanceView, snapshot: Snapshot): number {
  const primary = viewOf(instanceNamed(snapshot, snapshot.recorded.primary));
  return primary ? view.clockOffsetMs - primary.clockOffsetMs : 0;
}

function trueAge(view: InstanceView, snapshot: Snapshot): number | null {
  return view.heartbeatAgeMs === null ? null : view.heartbeatAgeMs - clockSkewOf(view, snapshot);
}

/**
 * How far an instance was behind when the primary was last seen open, milliseconds: since then nobody got a newer
 * heartbeat. It shrinks while the instance applies what it has received.
 */
export function lagBeforeLoss(instance: InstanceEvidence, lost: InstanceEvidence | undefined): number {
  const age = viewOf(instance)?.heartbeatAgeMs ?? 0;
  return Math.max(age - (lost?.detachedMs ?? 0), 0);
}
