/** Milliseconds since the Unix epoch that never go back, not even when the machine's clock is set: comparable between processes of one machine. */
export function timestampMs(): number {
  return performance.timeOrigin + performance.now();
}
