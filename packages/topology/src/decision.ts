import type { ClusterState } from './cluster-state.ts';
import type { Hold } from './hold.ts';
import type { Plan } from './plan.ts';
import type { RecordedOperation } from './snapshot.ts';

/** What is to be done about a cluster now: a plan, or nothing with the reason, or nothing because all is well. */
export interface Decision {
  readonly state: ClusterState;
  readonly plan?: Plan;
  readonly hold?: Hold;
  /** Drop a recorded operation that changed nothing yet. */
  readonly abandon?: RecordedOperation;
}
