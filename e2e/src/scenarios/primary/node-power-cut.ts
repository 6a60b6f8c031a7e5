import { faultScenario } from '../../harness/fault-scenario.ts';
import { powerOff, powerOn } from '../../harness/node-faults.ts';

export const primaryNodePowerCut = faultScenario({
  name: 'primary-node-power-cut',
  summary: 'the node of the primary loses its power, and gets it back after the failover',
  expectation: 'failover',
  rounds: 3,
  fault: {
    inject: async ({ primary: { spec } }) => {
      await powerOff(spec.nodeName ?? '');
      return () => powerOn(spec.nodeName ?? '');
    },
  },
});
