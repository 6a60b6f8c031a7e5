import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Asks again and again until the answer is something else than undefined or false, and returns it. On time-out the error says what was waited for
 * and how the last question ended. An error of the question is an answer of "not yet": servers are being broken on purpose here.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let lastError: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      if (error instanceof NeverMindError) throw error;
      lastError = error;
    }
    if (performance.now() >= deadline) {
      const reason = lastError === undefined ? '' : ` (${messageOf(lastError)})`;
      throw new Error(`not within ${options.timeoutMs / 1000} s: ${what}${reason}`);
    }
    await sleep(options.intervalMs ?? 200);
  }
}

/** Thrown by a question whose answer can't become right any more: ends the wait at once. */
export class NeverMindError extends Error {
  override readonly name = 'NeverMindError';
}

/** Throws with the message unless the condition holds. */
export function expectThat(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** What an error, or anything else that was thrown, says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
