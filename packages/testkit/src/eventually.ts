export interface EventuallyOptions {
  /** From the call on, in milliseconds. */
  readonly deadlineMs: number;
  /** What is waited for, for the error: 'the replica to attach'. */
  readonly describe: string;
  readonly intervalMs?: number;
  /** Gives up early, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Polls until the condition returns something other than undefined, null or false, and returns that. A condition that throws is not met yet;
 * its last error is the cause of the one thrown at the deadline.
 *
 * For what can only be polled. A promise of the event itself is better.
 */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  { deadlineMs, describe, intervalMs = 20, signal }: EventuallyOptions,
): Promise<Exclude<Value, undefined | null | false>> {
  const startedAt = performance.now();
  let lastError: unknown;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<Value, undefined | null | false>;
      }
      lastError = undefined;
    } catch (error: unknown) {
      lastError = error;
    }
    if (performance.now() - startedAt >= deadlineMs) {
      throw new Error(`waited ${deadlineMs} ms in vain for ${describe}`, { cause: lastError });
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
