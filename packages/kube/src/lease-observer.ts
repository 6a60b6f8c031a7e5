import type { Lease } from './builtin-types.ts';
import type { Clock } from './clock.ts';
import { keyOf } from './kube-object.ts';

interface Observation {
  readonly record: string;
  readonly seenAtMs: number;
  readonly leaseMs: number;
}

/**
 * Tells which leases are alive from when *this* process saw them change, by its own monotonic clock: the times written
 * in a lease come from another machine's clock and are never believed.
 */
export class LeaseObserver {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #seen = new Map<string, Observation>();

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  observe(lease: Lease): void {
    const { holderIdentity, renewTime, acquireTime, leaseTransitions, leaseDurationSeconds } = lease.spec ?? {};
    const record = JSON.stringify([lease.metadata.uid, holderIdentity, renewTime, acquireTime, leaseTransitions]);
    if (this.#seen.get(keyOf(lease))?.record === record) return;
    // A holder configured for a longer lease may count on it.
    const leaseMs = Math.max(this.#leaseMs, (leaseDurationSeconds ?? 0) * 1000);
    this.#seen.set(keyOf(lease), { record, seenAtMs: this.#clock.nowMs(), leaseMs });
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }

  /** Milliseconds until the lease counts as abandoned; negative when it does. A lease never observed is abandoned. */
  remainingMs(key: string): number {
    const seen = this.#seen.get(key);
    return seen ? seen.seenAtMs + seen.leaseMs - this.#clock.nowMs() : Number.NEGATIVE_INFINITY;
  }
}
