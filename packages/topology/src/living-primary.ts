import { stalledAcks } from './acks-stalled.ts';
import { decideClosed } from './closed-primary.ts';
import type { Decision } from './decision.ts';
import { handOver } from './hand-over.ts';
import { troubleOf } from './primary-trouble.ts';
import type { InstanceEvidence, InstanceView, Snapshot } from './snapshot.ts';

/** The primary answers: is it open, does it stay, and can it commit? */
export function decideAlive(snapshot: Snapshot, primary: InstanceEvidence, view: InstanceView): Decision {
  // A primary that is open but not published was interrupted on its way; one of a read-only cluster stays closed.
  const asRecorded = snapshot.recorded.writable && (snapshot.readOnly || !view.readOnly);
  if (!asRecorded) return decideClosed(snapshot, primary, view);
  if (primary.leaving) return handOver(snapshot, primary, 'PrimaryLeaving', `${primary.name} is leaving`);
  return troubleOf(snapshot, primary, view) ?? stalledAcks(snapshot, primary, view) ?? { state: 'PrimaryHealthy' };
}
