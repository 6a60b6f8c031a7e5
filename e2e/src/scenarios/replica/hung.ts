import { faultScenario } from '../../harness/fault-scenario.ts';
import { hangMysqld } from '../../harness/mysqld-process.ts';
import { observeFor } from '../../harness/observe.ts';
import { aReplica } from '../../harness/scene.ts';
import { writesAgain } from '../../harness/take-over.ts';

export const replicaHung = faultScenario({
  name: 'replica-hung',
  summary: 'mysqld of a replica hangs (SIGSTOP) for a while',
  expectation: 'no failover, writes go on, told',
  fault: {
    ending: 'no failover',
    inject: (scene) => hangMysqld(aReplica(scene)),
    shows: async (scene) => {
      await scene.status.troubled(aReplica(scene).metadata.name, /Unreachable/, 30_000);
      await writesAgain(scene);
      await observeFor(10_000);
    },
  },
});
