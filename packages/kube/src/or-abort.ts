/**
 * What the promise comes to, or the signal's reason when that is aborted first. Does not end what the promise stands for: only
 * for work that ends by itself, or that the same signal ends.
 */
export async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Nobody waits for it any more when the signal came first.
    work.catch(() => undefined);
  }
}
