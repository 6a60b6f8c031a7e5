import type { GtidSet } from '@pilotfish/gtid';
import type { AckEvidence, InstanceView } from '@pilotfish/topology';

/**
 * Since when acknowledgements of the primary's commits have been missing. A commit that waits is not executed yet, so as long
 * as gtid_executed grows while sessions wait, others get through: that is load, not a stall.
 */
export class AckStallWatch {
  #shortSince: number | undefined;
  #stall: { readonly since: number; readonly executed: GtidSet } | undefined;

  /** `view`: what the primary says now, undefined if nothing. `k`: how many acknowledgements are recorded to be needed. */
  look(view: InstanceView | undefined, k: number, nowMs: number): void {
    const isShort = view?.semiSyncSource === true && view.semiSyncClients < k;
    this.#shortSince = isShort ? (this.#shortSince ?? nowMs) : undefined;
    if (!view || view.semiSyncWaitSessions === 0) this.#stall = undefined;
    else if (!this.#stall?.executed.equals(view.executed)) {
      this.#stall = { since: nowMs, executed: view.executed };
    }
  }

  /** This process stood still: it did not see what went through meanwhile. */
  restart(): void {
    this.#shortSince = undefined;
    this.#stall = undefined;
  }

  evidence(nowMs: number): AckEvidence {
    return {
      shortMs: this.#shortSince === undefined ? 0 : nowMs - this.#shortSince,
      stalledMs: this.#stall === undefined ? 0 : nowMs - this.#stall.since,
    };
  }
}
