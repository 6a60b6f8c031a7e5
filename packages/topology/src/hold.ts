/** Every reason for which nothing is done although something is wrong. Each has its section in docs/runbooks/holds.md. */
export const holdReasons = [
  'AwaitingFirstInstance',
  'PrimarySuspected',
  'ReplicasStillReceive',
  'TooFewWitnesses',
  'OnlyThePrimaryHasEverything',
  'NoCandidate',
  'NoCaughtUpReplica',
  'WrongCredentials',
  'ConnectionsExhausted',
  'UnsupportedServer',
  'FenceNotProven',
  'PrimaryIsolated',
  'DiskFull',
  'WritesBlocked',
  'AcksStalled',
  'PromotionForbidden',
  'FailoverPaused',
  'RecoveryDisabled',
  'PrimaryInDowntime',
  'RecoveryBlocked',
  'FailoverDelayed',
  'CandidateBehind',
  'HookRunning',
  'HookVetoed',
] as const;

export type HoldReason = (typeof holdReasons)[number];

/** A decision to do nothing now. */
export interface Hold {
  readonly reason: HoldReason;
  /** The predicate that fails, with the names and numbers that it fails on. */
  readonly message: string;
  /** What would lift it. */
  readonly lifts: string;
  /** What is done when it has lasted for so long; absent when only what `lifts` says can end it. */
  readonly next?: { readonly afterMs: number; readonly does: string };
}
