import type { Scenario } from '../harness/scenario.ts';
import { badInput } from './bad-input.ts';
import { eventsFromOutside } from './events-from-outside.ts';
import { operatorAbsent } from './operator-absent.ts';
import { operatorLeaderKilled } from './operator-leader-killed.ts';
import { operatorScaled } from './operator-scaled.ts';
import { primaryNodePartitioned } from './primary-node-partitioned.ts';
import { primaryNodePowerCut } from './primary-node-power-cut.ts';
import { primaryPodDeleted } from './primary-pod-deleted.ts';
import { primaryPodForceDeleted } from './primary-pod-force-deleted.ts';
import { primarySigkill } from './primary-sigkill.ts';
import { primarySigstop } from './primary-sigstop.ts';
import { rollingConfigChange } from './rolling-config-change.ts';
import { scaleOutAndIn } from './scale-out-and-in-under-writes.ts';
import { seedWalkthrough } from './seed-walkthrough.ts';

/** All scenarios, in the order in which they run. */
export const scenarios: readonly Scenario[] = [
  seedWalkthrough,
  primarySigkill,
  primarySigstop,
  primaryPodDeleted,
  primaryPodForceDeleted,
  primaryNodePowerCut,
  primaryNodePartitioned,
  operatorAbsent,
  operatorLeaderKilled,
  operatorScaled,
  scaleOutAndIn,
  rollingConfigChange,
  eventsFromOutside,
  badInput,
];
