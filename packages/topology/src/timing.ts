/**
 * The times that decisions go by, milliseconds. Measured on MySQL 9.7 with half-second heartbeats:
 * a killed source is missed by its replicas after 0.1 s, a hung one answers nobody, and shorter silences are
 * seen on healthy servers under load.
 */
export const timing = {
  /** A primary that answers nothing for so long is silent: the first of the two witnesses against it. */
  primarySilentMs: 1_500,
  /** A replica that answers nothing for so long, though nobody else misses it, is told to be unreachable. */
  replicaSilentMs: 5_000,
  /** A replica that has heard nothing from its source for so long no longer speaks for it. */
  receiverSilentMs: 1_300,
  /** A replica that was cut off gives up reconnecting within this time (net time-out + retries), and may leave the ack set. */
  receiverGivesUpMs: 60_000,
  /** An instance whose server is known to be gone may leave the ack set after this time. */
  memberGoneMs: 5_000,
  /** Commits of a busy server wait a moment; longer than this it is worth a word. */
  stallNotedMs: 1_500,
  /** With `preferred` durability, commits wait for missing replicas this long before k is lowered. */
  stallToleratedMs: 3_000,
  /** A write to the primary's volume that does not come back, and a heartbeat that is as old: its I/O has stopped. */
  ioStoppedMs: 5_000,
  /** An open primary whose heartbeat is so old, and whose commits wait for nobody: something blocks writes there. */
  writesBlockedMs: 10_000,
  /** What an agent takes to close an instance after its isolation time-out, at most. */
  isolationGraceMs: 5_000,
  /** Clocks this far apart are said to be. */
  clockSkewMs: 1_000,
  /** An instance this far behind is not moved to the top by a planned switchover. */
  switchoverMaxLagMs: 10_000,
} as const;
