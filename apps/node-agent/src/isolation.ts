export interface IsolationFacts {
  readonly nowMs: number;
  /** When anything outside this pod last answered: the API server, or the agent of another instance of this cluster. */
  readonly lastContactMs: number;
  readonly timeoutMs: number;
  /** 'maybe': mysqld doesn't answer and was not seen closed. */
  readonly writable: 'yes' | 'no' | 'maybe';
  /** The cluster has been this one instance for long enough: nobody else can be made primary. */
  readonly solo: boolean;
  /** An attempt to close this instance failed, and it has answered as writable or not at all since. */
  readonly closingFailed: boolean;
}

/**
 * - stay: in contact, or nothing to protect
 * - close: super_read_only, within a second
 * - kill: SIGKILL; mysqld comes back read-only. Commits that wait for their acknowledgement hold up the polite way without limit.
 */
export type IsolationDecision = 'stay' | 'close' | 'kill';

/**
 * Whether this instance has to stop taking writes now, to have stopped when the time-out is over: from then on the rest of the cluster
 * may move on without it.
 */
export function decideIsolation(facts: IsolationFacts): IsolationDecision {
  if (facts.solo || facts.nowMs - facts.lastContactMs < closeAfterMs(facts.timeoutMs)) return 'stay';
  switch (facts.writable) {
    case 'no':
      return 'stay';
    case 'maybe':
      return 'kill';
    case 'yes':
      return facts.closingFailed ? 'kill' : 'close';
    default:
      return facts.writable satisfies never;
  }
}

/**
 * Closing begins before the time-out, so that it is over by then: up to 1.6 s for the look at the outside that is under way, a second
 * for a close that hangs, and the kill. A short time-out leaves half of itself.
 */
export function closeAfterMs(timeoutMs: number): number {
  return timeoutMs - Math.min(3_000, timeoutMs / 2);
}

export function isIsolated({
  nowMs,
  lastContactMs,
  timeoutMs,
}: Pick<IsolationFacts, 'nowMs' | 'lastContactMs' | 'timeoutMs'>): boolean {
  return nowMs - lastContactMs >= timeoutMs;
}
