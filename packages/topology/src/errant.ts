import type { GtidSet } from '@pilotfish/gtid';
import type { InstanceView } from './snapshot.ts';

/**
 * Transactions that an instance has and the primary can't send it. Those of the primary's own server uuid are left out:
 * with AFTER_SYNC a replica may hold a commit before the primary itself counts it as executed.
 */
export function errantOf(view: InstanceView, primary: InstanceView): GtidSet {
  const missing = view.executed.subtract(primary.executed);
  return missing.subtract(missing.ofSource(primary.serverUuid));
}
