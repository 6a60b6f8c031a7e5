import { faultScenario } from '../../harness/fault-scenario.ts';
import { hangMysqld } from '../../harness/mysqld-process.ts';
import { observeFor } from '../../harness/observe.ts';
import { writesAgain } from '../../harness/take-over.ts';

const HUNG_MS = 15_000;

export const primaryAckStall = faultScenario({
  name: 'primary-ack-stall',
  summary: 'both replicas hang, so that no commit is acknowledged; they go on later',
  expectation: 'no failover; with `preferred`, writes go on without them',
  fault: {
    ending: 'no failover',
    inject: ({ replicas }) => {
      const goOn = replicas.map(hangMysqld);
      return () => {
        for (const one of goOn) one();
      };
    },
    shows: async (scene) => {
      await writesAgain(scene);
      await observeFor(HUNG_MS);
    },
  },
});
