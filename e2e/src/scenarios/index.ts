import type { Scenario } from '../harness/scenario.ts';
import { badInput } from './bad-input.ts';
import { emptyCluster } from './combined/empty-cluster.ts';
import {
  engineKilledMidFailover,
  networkBackMidFailover,
  switchoverTargetDies,
  switchoverTargetHangs,
} from './combined/mid-failover.ts';
import { apiServerDown, engineAndPrimaryLosePower, natsDown } from './combined/operator-absent-at-failure.ts';
import { allKilled, primaryAndReplicaKilled, secondFailure } from './combined/several-killed.ts';
import { switchoverReadLocked, switchoverWithLag } from './combined/switchover-hindered.ts';
import { eventsFromOutside } from './events-from-outside.ts';
import { operatorAbsent } from './operator-absent.ts';
import { operatorLeaderKilled } from './operator-leader-killed.ts';
import { operatorScaled } from './operator-scaled.ts';
import { primaryAckStall } from './primary/ack-stall.ts';
import {
  primaryFromApiServerCut,
  primaryFromClientsCut,
  primaryFromEngineCut,
  primaryToClientsCut,
  primaryToReplicasCut,
  replicasToPrimaryCut,
} from './primary/cuts.ts';
import { primaryDataDeleted } from './primary/data-deleted.ts';
import { primaryDiskFull } from './primary/disk-full.ts';
import { primaryHungFor3s, primaryHungFor45s, primarySigstop } from './primary/hung.ts';
import { primarySigkill } from './primary/killed.ts';
import { primaryConnectionsExhausted, primaryReadLocked, primaryReadOnlyByHand } from './primary/locked.ts';
import { primaryNodePartitioned } from './primary/node-partitioned.ts';
import { primaryNodePowerCut } from './primary/node-power-cut.ts';
import { primaryPodDeleted } from './primary/pod-deleted.ts';
import { primaryPodForceDeleted } from './primary/pod-force-deleted.ts';
import { primarySwitchover } from './primary/switchover.ts';
import { replicaApplierBroken } from './replica/applier-broken.ts';
import { replicaErrant, replicaSourcePurged } from './replica/diverged.ts';
import { replicaHung } from './replica/hung.ts';
import { replicaLagging } from './replica/lagging.ts';
import { rollingConfigChange } from './rolling-config-change.ts';
import { scaleOutAndIn } from './scale-out-and-in-under-writes.ts';
import { seedWalkthrough } from './seed-walkthrough.ts';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  seedWalkthrough,
  primarySigkill,
  primarySigstop,
  primaryHungFor3s,
  primaryHungFor45s,
  primarySwitchover,
  primaryPodDeleted,
  primaryPodForceDeleted,
  primaryNodePowerCut,
  primaryNodePartitioned,
  primaryToReplicasCut,
  replicasToPrimaryCut,
  primaryFromApiServerCut,
  primaryFromEngineCut,
  primaryFromClientsCut,
  primaryToClientsCut,
  primaryConnectionsExhausted,
  primaryReadLocked,
  primaryReadOnlyByHand,
  primaryDataDeleted,
  primaryAckStall,
  primaryDiskFull,
  replicaHung,
  replicaApplierBroken,
  replicaLagging,
  replicaErrant,
  replicaSourcePurged,
  primaryAndReplicaKilled,
  allKilled,
  secondFailure,
  emptyCluster,
  engineKilledMidFailover,
  networkBackMidFailover,
  engineAndPrimaryLosePower,
  apiServerDown,
  natsDown,
  switchoverWithLag,
  switchoverReadLocked,
  switchoverTargetDies,
  switchoverTargetHangs,
  operatorAbsent,
  operatorLeaderKilled,
  operatorScaled,
  scaleOutAndIn,
  rollingConfigChange,
  eventsFromOutside,
  badInput,
];
