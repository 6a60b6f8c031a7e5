import { faultRounds } from '../harness/fault-rounds.ts';
import { cutOff, joinAgain } from '../harness/node-faults.ts';
import type { Scenario } from '../harness/scenario.ts';

export const primaryNodePartitioned: Scenario = {
  name: 'primary-node-partitioned',
  summary: 'the node of the primary is cut off from all others, its processes go on; it joins again after the failover',
  needsLocalCluster: true,
  run: (stage) =>
    faultRounds(stage, stage.rounds(3), {
      inject: (_, { spec }) => cutOff(spec.nodeName ?? ''),
      heal: ({ spec }) => joinAgain(spec.nodeName ?? ''),
      watchBeforeHealMs: 15_000,
      watchMs: 5_000,
    }),
};
