import { type InstanceEvidence, type InstanceView, type Snapshot, viewOf } from './snapshot.ts';

/**
 * How far an instance is behind the newest heartbeat that any instance has, milliseconds. Not behind now: while the primary
 * writes none (it is down, read-only, or its commits wait) nobody is behind because of that.
 */
export function lagOf(view: InstanceView, snapshot: Snapshot): number {
  const age = beatAge(view);
  if (age === null) return 0;
  const ages = snapshot.instances.flatMap((instance) => {
    const other = viewOf(instance);
    return (other && beatAge(other)) ?? [];
  });
  return Math.max(age - Math.min(...ages), 0);
}

/** By the observer's clock instead of the instance's own; how far the writer's is off is in it, the same for everybody. */
function beatAge({ heartbeatAgeMs, clockOffsetMs }: InstanceView): number | null {
  return heartbeatAgeMs === null ? null : heartbeatAgeMs - clockOffsetMs;
}

/**
 * How far an instance was behind when the primary was last seen open, milliseconds: since then nobody got a newer
 * heartbeat. It shrinks while the instance applies what it has received. Heartbeats carry the primary's clock and are aged by
 * the instance's: what these are apart is taken out, if the primary's was ever seen.
 */
export function lagBeforeLoss(instance: InstanceEvidence, lost: InstanceEvidence | undefined): number {
  const view = viewOf(instance);
  if (!view) return 0;
  const skewMs = view.clockOffsetMs - (lost?.clockOffsetMs ?? view.clockOffsetMs);
  return Math.max((view.heartbeatAgeMs ?? 0) - skewMs - (lost?.detachedMs ?? 0), 0);
}
