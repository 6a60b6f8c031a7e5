/** A round trip longer than this says too little about another clock, milliseconds. */
const longestRoundTripMs = 100;

/**
 * A server's wall clock minus the monotonic one of this process, milliseconds, by the answers that came fast. Differences between
 * two servers are what it is for: this process's own clock drops out of them, and whoever sets its wall clock changes nothing.
 */
export class ClockOffset {
  #offsetMs: number | undefined;

  /** Takes in that the server's clock said `serverMs` between two moments of this one, and returns the offset as known now. */
  note(serverMs: number, askedAtMs: number, answeredAtMs: number): number {
    const roundTripMs = answeredAtMs - askedAtMs;
    if (this.#offsetMs === undefined || roundTripMs <= longestRoundTripMs) {
      this.#offsetMs = Math.round(serverMs - (askedAtMs + roundTripMs / 2));
    }
    return this.#offsetMs;
  }
}
