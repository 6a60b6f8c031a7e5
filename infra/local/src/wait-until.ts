import { setTimeout as delay } from 'node:timers/promises';

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(what: string, deadlineMs: number, cause: unknown) {
    super(`Waited ${deadlineMs / 1000} s in vain until ${what}.`, { cause });
  }
}

/**
 * Waits until the condition holds; a condition that throws doesn't hold yet, and the last such error becomes the cause of the
 * DeadlineError.
 */
export async function waitUntil(
  what: string,
  deadlineMs: number,
  condition: () => boolean | Promise<boolean>,
  pollMs = 100,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) throw new DeadlineError(what, deadlineMs, cause);
    await delay(pollMs);
  }
}
