import { faultScenario } from '../../harness/fault-scenario.ts';
import { cutOff, joinAgain } from '../../harness/node-faults.ts';

export const primaryNodePartitioned = faultScenario({
  name: 'primary-node-partitioned',
  summary: 'the node of the primary is cut off from all others, its processes go on; it joins again after the failover',
  expectation: 'failover; the old primary closes itself',
  rounds: 3,
  fault: {
    inject: async ({ primary: { spec } }) => {
      await cutOff(spec.nodeName ?? '');
      return () => joinAgain(spec.nodeName ?? '');
    },
    watchBeforeHealMs: 15_000,
    watchMs: 5_000,
  },
});
