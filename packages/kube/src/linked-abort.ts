export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** Lets go of the parent and the timer; does not abort. */
  dispose(): void;
}

/**
 * A signal that follows its parent, ends at a deadline, and can be aborted by itself. Unlike `AbortSignal.any`, which
 * Node 20 keeps alive as long as its parent, it leaves nothing behind on a parent that lives as long as the process.
 */
export function linkedAbort(
  parent: AbortSignal | undefined,
  deadline?: { ms: number; reason: () => Error },
): LinkedAbort {
  const controller = new AbortController();
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  const timer = deadline && setTimeout(() => controller.abort(deadline.reason()), deadline.ms);
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    dispose: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}
