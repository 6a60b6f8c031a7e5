import { faultScenario } from '../../harness/fault-scenario.ts';
import { signalMysqld } from '../../harness/mysqld-process.ts';
import { deleteData } from '../../harness/volumes.ts';

export const primaryDataDeleted = faultScenario({
  name: 'primary-data-deleted',
  summary: 'everything in the data directory of the primary is deleted, and its mysqld ends',
  expectation: 'failover; the emptied instance is cloned',
  fault: {
    inject: async ({ primary }) => {
      await deleteData(primary);
      signalMysqld(primary.metadata.uid, 'SIGKILL');
    },
  },
});
