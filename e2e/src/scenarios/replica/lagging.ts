import { faultScenario } from '../../harness/fault-scenario.ts';
import { aReplica } from '../../harness/scene.ts';
import { keepSession } from '../../harness/sql-holds.ts';
import { writesAgain } from '../../harness/take-over.ts';
import { rootAccount } from '../../harness/test-cluster.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** The limit is 30 s by default. */
const LAGGED_WITHIN_MS = 90_000;

export const replicaLagging = faultScenario({
  name: 'replica-lagging',
  summary: 'a replica applies nothing for so long that it is over the limit of maxSlaveLatency',
  expectation: 'no failover; it serves no reads until it has caught up',
  fault: {
    ending: 'no failover',
    inject: (scene) => keepSession(aReplica(scene).status.podIP ?? '', rootAccount, 'FLUSH TABLES WITH READ LOCK'),
    shows: async (scene) => {
      const { name } = aReplica(scene).metadata;
      await scene.status.troubled(name, /CatchingUp/, 30_000);
      await waitFor(
        `${name} serves no reads`,
        async () => !(await scene.cluster.endpoints('replicas')).includes(name),
        { timeoutMs: LAGGED_WITHIN_MS },
      );
      await writesAgain(scene);
    },
  },
});
