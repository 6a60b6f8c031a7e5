import { type InstanceEvidence, type InstanceView, type Snapshot, viewOf } from './snapshot.ts';

/**
 * How far an instance is behind the newest heartbeat that any instance has, milliseconds. Not behind now: while the primary
 * writes none (it is down, read-only, or its commits wait) nobody is behind because of that.
 */
export function lagOf(view: InstanceView, snapshot: Snapshot): number {
  const age = view.heartbeatAgeMs;
  if (age === null) return 0;
  const ages = snapshot.instances.flatMap((instance) => viewOf(instance)?.heartbeatAgeMs ?? []);
  return Math.max(age - Math.min(...ages), 0);
}

/**
 * How far an instance was behind when the primary was last seen open, milliseconds: since then nobody got a newer
 * heartbeat. It shrinks while the instance applies what it has received.
 */
export function lagBeforeLoss(instance: InstanceEvidence, lost: InstanceEvidence | undefined): number {
  const age = viewOf(instance)?.heartbeatAgeMs ?? 0;
  return Math.max(age - (lost?.detachedMs ?? 0), 0);
}
