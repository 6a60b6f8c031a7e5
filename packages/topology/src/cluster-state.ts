/** Every state that a cluster can be in, as seen by its topology engine. docs/reference/states.md says what is done in each. */
export const clusterStates = [
  'Stopped',
  'AwaitingFirstInstance',
  'FirstInstanceReady',
  'OperationInterrupted',
  'PrimaryHealthy',
  'PrimaryClosed',
  'PrimaryIsolated',
  'PrimaryLeaving',
  'PrimaryDiskFull',
  'PrimaryStorageFailed',
  'PrimaryIoStopped',
  'PrimaryWritesBlocked',
  'AcksStalled',
  'PrimaryDead',
  'PrimaryEmptied',
  'PrimarySuspected',
  'PrimaryUnreachable',
  'PrimaryDenied',
  'PrimaryConnectionsExhausted',
  'PrimaryUnsupported',
] as const;

export type ClusterState = (typeof clusterStates)[number];

/** The primary is open and stays for now: the others are repaired, and the ack set is looked after. */
const underCare: ReadonlySet<ClusterState> = new Set([
  'PrimaryHealthy',
  'PrimaryLeaving',
  'PrimaryDiskFull',
  'PrimaryStorageFailed',
  'PrimaryWritesBlocked',
  'AcksStalled',
]);

export const isUnderCare = (state: ClusterState): boolean => underCare.has(state);

/** It is not certain what the primary is: for a moment, that is dealt with before it is told. */
const inDoubt: ReadonlySet<ClusterState> = new Set([
  'PrimarySuspected',
  'PrimaryUnreachable',
  'PrimaryDenied',
  'PrimaryConnectionsExhausted',
  'PrimaryUnsupported',
]);

export const isInDoubt = (state: ClusterState): boolean => inDoubt.has(state);
