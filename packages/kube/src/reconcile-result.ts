/** What a reconcile that did not fail says about its key. */
export type ReconcileResult =
  /** Nothing to do until something changes. */
  | { readonly kind: 'done' }
  /** Look again after so many milliseconds, or sooner when something changes. */
  | { readonly kind: 'requeue'; readonly afterMs: number };

export const done: ReconcileResult = { kind: 'done' };

/** Throws when `ms` is no number of milliseconds: a timer would take it for none at all, and the key would spin. */
export function requeueAfter(ms: number): ReconcileResult {
  if (!(ms >= 0)) throw new RangeError(`requeueAfter: ${ms} is no number of milliseconds`);
  return { kind: 'requeue', afterMs: ms };
}

/** Thrown by a reconcile when trying again is no use until the object changes. Logged, counted, not retried. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
