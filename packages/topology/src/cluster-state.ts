/** Every state that a cluster can be in, as seen by its topology engine. */
export const clusterStates = [
  'Stopped',
  'AwaitingFirstInstance',
  'FirstInstanceReady',
  'OperationInterrupted',
  'PrimaryHealthy',
  'PrimaryClosed',
  'PrimaryLeaving',
  'PrimaryDead',
  'PrimaryEmptied',
  'PrimarySuspected',
] as const;

export type ClusterState = (typeof clusterStates)[number];
