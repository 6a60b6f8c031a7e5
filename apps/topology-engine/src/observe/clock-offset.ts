/** A round trip longer than this says too little about another clock, milliseconds. */
const longestRoundTripMs = 100;

/**
 * How far a server's wall clock is ahead of this process's, milliseconds, by the answers that came fast. Differences between
 * two servers are what it is for: this process's own clock drops out of them.
 */
export class ClockOffset {
  #offsetMs: number | undefined;

  /** Takes in that the server's clock said `serverMs` between two moments of this one, and returns the offset as known now. */
  note(serverMs: number, askedAt: Date, answeredAt: Date): number {
    const roundTripMs = answeredAt.getTime() - askedAt.getTime();
    const offsetMs = serverMs - (askedAt.getTime() + roundTripMs / 2);
    if (this.#offsetMs === undefined || (roundTripMs >= 0 && roundTripMs <= longestRoundTripMs)) {
      this.#offsetMs = Math.round(offsetMs);
    }
    return this.#offsetMs;
  }
}
