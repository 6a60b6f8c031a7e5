import { faultScenario } from '../../harness/fault-scenario.ts';
import { signalMysqld } from '../../harness/mysqld-process.ts';

export const primarySigkill = faultScenario({
  name: 'primary-sigkill',
  summary: 'mysqld of the primary is killed with SIGKILL',
  expectation: 'failover',
  rounds: 5,
  fault: {
    inject: ({ primary }) => {
      signalMysqld(primary.metadata.uid, 'SIGKILL');
    },
  },
});
