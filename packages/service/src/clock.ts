import { performance } from 'node:perf_hooks';

/**
 * Time as the code sees it. Intervals, leases and deadlines use `nowMs`; only what people or Kubernetes
 * read (status timestamps, logs) uses `wall`.
 */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin; never goes back, not comparable between processes. */
  nowMs(): number;
  /** Calendar time. May jump. */
  wall(): Date;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason once it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wall: () => new Date(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
