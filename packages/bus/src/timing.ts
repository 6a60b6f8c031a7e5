/** How patient the bus is. All in milliseconds. */
export interface BusTiming {
  /** For a connection's handshake, and for the answer to one request. */
  readonly requestTimeoutMs: number;
  /** Between attempts to connect; up to as much again is added at random. */
  readonly reconnectMs: number;
  /** A server that does not answer `maxPingOut` pings in a row is taken for gone. */
  readonly pingIntervalMs: number;
  /** First pause after a failed publication or stream request; doubles up to `retryCapMs`. */
  readonly retryBaseMs: number;
  readonly retryCapMs: number;
}

export const defaultTiming: BusTiming = {
  requestTimeoutMs: 5_000,
  reconnectMs: 500,
  pingIntervalMs: 10_000,
  retryBaseMs: 250,
  retryCapMs: 15_000,
};

export function retryDelayMs(attempt: number, timing: BusTiming): number {
  const bound = Math.min(timing.retryCapMs, timing.retryBaseMs * 2 ** attempt);
  return bound / 2 + (Math.random() * bound) / 2;
}
