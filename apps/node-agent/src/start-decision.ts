/** What is known while mysqld waits to hear which of its last transactions others have. Times by the monotonic clock. */
export interface StartFacts {
  readonly nowMs: number;
  readonly beganMs: number;
  /** For so long a boundary is waited for while somebody could bring it. */
  readonly waitMs: number;
  /** Now; nobody can bring it. */
  readonly isolated: boolean;
  /** When this instance was last seen isolated since the wait began. */
  readonly lastIsolatedMs: number | undefined;
  /** The cluster has been this one instance for long enough: nobody else has anything. */
  readonly solo: boolean;
}

/**
 * An instance that is cut off serves nobody, so mysqld is started there only after this: its network may be back by then,
 * and with it the boundary.
 */
const isolatedWaitMs = 600_000;

/** Whether mysqld starts as it is: closed, with transactions that may be nobody else's, and a clone at worst. */
export function decideStart(facts: StartFacts): 'start' | 'wait' {
  const { nowMs, beganMs, waitMs, isolated, lastIsolatedMs, solo } = facts;
  if (solo) return 'start';
  if (isolated) return nowMs - beganMs >= isolatedWaitMs ? 'start' : 'wait';
  return nowMs - (lastIsolatedMs ?? beganMs) >= waitMs ? 'start' : 'wait';
}
