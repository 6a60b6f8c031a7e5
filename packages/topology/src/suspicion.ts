import type { Hold } from './hold.ts';
import type { PrimaryVerdict } from './primary-verdict.ts';

/** Something speaks against the primary, and it is not enough. */
export function suspicion(verdict: Extract<PrimaryVerdict, { kind: 'suspected' }>): Hold {
  const { reason, vetoedBy, conclusiveInMs } = verdict;
  if (vetoedBy.length > 0) {
    return {
      reason: 'ReplicasStillReceive',
      message: `${reason}, but ${vetoedBy.join(', ')} still receive from it`,
      lifts: 'the engine reaches the primary again, or the replicas stop hearing from it',
    };
  }
  return {
    reason: 'PrimarySuspected',
    message: `${reason}; waiting for a second witness`,
    lifts: 'the primary answers, or a replica answers and confirms that it hears nothing from it',
    ...(conclusiveInMs !== undefined && {
      next: { afterMs: conclusiveInMs, does: 'takes the primary for dead if no replica receives from it' },
    }),
  };
}
