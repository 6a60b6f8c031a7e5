import { faultScenario } from '../../harness/fault-scenario.ts';
import { aReplica } from '../../harness/scene.ts';
import { runSql } from '../../harness/sql-access.ts';
import { keepSession } from '../../harness/sql-holds.ts';
import { writesAgain } from '../../harness/take-over.ts';
import { applicationAccount, rootAccount } from '../../harness/test-cluster.ts';

const TABLE = `${applicationAccount.database}.e2e_conflict`;
/** Changes a replica alone, without leaving a transaction behind that others lack. */
const aside = ['SET sql_log_bin = 0', 'SET GLOBAL super_read_only = OFF'];

export const replicaApplierBroken = faultScenario({
  name: 'replica-applier-broken',
  summary: 'a replica has a table already that the primary creates, so that its applier stops',
  expectation: 'no failover, told; goes on when the table is gone',
  fault: {
    ending: 'no failover',
    inject: async (scene) => {
      const primary = scene.primary.status.podIP ?? '';
      const replica = aReplica(scene).status.podIP ?? '';
      const changeReplica = async (...statements: string[]): Promise<void> => {
        (await keepSession(replica, rootAccount, ...aside, ...statements, 'SET GLOBAL super_read_only = ON'))();
      };
      await changeReplica(`CREATE TABLE ${TABLE} (id INT PRIMARY KEY)`);
      await runSql(primary, rootAccount, `CREATE TABLE ${TABLE} (id INT PRIMARY KEY)`);
      return async () => {
        await changeReplica(`DROP TABLE ${TABLE}`, 'START REPLICA SQL_THREAD');
        await runSql(primary, rootAccount, `DROP TABLE ${TABLE}`);
      };
    },
    shows: async (scene) => {
      await scene.status.troubled(aReplica(scene).metadata.name, /Broken.*1050/, 30_000);
      await writesAgain(scene);
    },
  },
});
