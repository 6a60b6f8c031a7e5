/**
 * How leases are kept. The holder stops `renewDeadlineMs` after it *began* its last successful renewal; others take over
 * `leaseMs` after they *saw* that renewal, each by its own monotonic clock: what lies between absorbs clocks that run
 * at different speeds and work that takes a moment to stop.
 */
export interface LeaseTiming {
  readonly leaseMs: number;
  readonly renewDeadlineMs: number;
  /** Between two renewals, and between two attempts; up to a fifth more at random. */
  readonly retryMs: number;
}

export const defaultLeaseTiming: LeaseTiming = { leaseMs: 6_000, renewDeadlineMs: 4_000, retryMs: 1_000 };

/** Throws unless retry < renew deadline < lease. */
export function compileLeaseTiming(given: Partial<LeaseTiming> = {}): LeaseTiming {
  const timing = { ...defaultLeaseTiming, ...given };
  if (!(timing.retryMs > 0 && timing.retryMs < timing.renewDeadlineMs && timing.renewDeadlineMs < timing.leaseMs)) {
    throw new Error('lease timing: retryMs < renewDeadlineMs < leaseMs must hold');
  }
  return timing;
}

/** A time as Lease.spec has it: with microseconds. */
export function microTime(at: Date): string {
  return at.toISOString().replace('Z', '000Z');
}

export function leaseSeconds({ leaseMs }: LeaseTiming): number {
  return Math.max(1, Math.ceil(leaseMs / 1000));
}
