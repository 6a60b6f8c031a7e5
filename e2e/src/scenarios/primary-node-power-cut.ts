import { faultRounds } from '../harness/fault-rounds.ts';
import { powerOff, powerOn } from '../harness/node-faults.ts';
import type { Scenario } from '../harness/scenario.ts';

export const primaryNodePowerCut: Scenario = {
  name: 'primary-node-power-cut',
  summary: 'the node of the primary loses its power, and gets it back after the failover',
  needsLocalCluster: true,
  run: (stage) =>
    faultRounds(stage, stage.rounds(3), {
      inject: (_, { spec }) => powerOff(spec.nodeName ?? ''),
      heal: ({ spec }) => powerOn(spec.nodeName ?? ''),
    }),
};
