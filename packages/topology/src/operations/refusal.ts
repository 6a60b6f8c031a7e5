import type { HoldReason } from '../hold.ts';

/** Why an operation is not done. Nothing has changed then. */
export type RefusalReason =
  /** No instance of that name. */
  | 'UnknownInstance'
  /** No primary is open, or the engine is bringing one back. */
  | 'NoPrimary'
  | 'AlreadyPrimary'
  /** It would have to be done to a replica. */
  | 'IsPrimary'
  /** Its server does not answer. */
  | 'NotReachable'
  /** Nothing runs beside the server that could do it. */
  | 'NoAgent'
  /** The server can't lead: no data, a broken applier, a full disk, or about to end. */
  | 'NotElectable'
  /** A promotion rule or a fence forbids it. */
  | 'PromotionForbidden'
  /** Too far behind, or not replicating from the primary. */
  | 'NotCaughtUp'
  /** The source would have to replicate from its own replica. */
  | 'WouldLoop'
  /** The source lacks transactions that the instance has. */
  | 'WouldDiverge'
  /** It would throw away what only this instance has, and `errantPolicy` is never. */
  | 'WouldDiscard'
  /** The source has purged what the instance needs next. */
  | 'SourcePurged'
  /** Too few replicas would be left to acknowledge commits. */
  | 'WouldStallWrites'
  | 'NoDonor'
  /** What would hold up a failover of the engine's own, too. */
  | HoldReason
  /** It is so already. */
  | 'NothingToChange'
  /** The request itself makes no sense. */
  | 'BadRequest';

export interface Refusal {
  readonly reason: RefusalReason;
  /** The predicate that fails, with names and numbers. */
  readonly message: string;
}

export const refuse = (reason: RefusalReason, message: string): { readonly refused: Refusal } => ({
  refused: { reason, message },
});
