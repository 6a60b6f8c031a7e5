import { faultScenario } from '../../harness/fault-scenario.ts';
import { resources } from '../../harness/kube-api.ts';
import { observeFor } from '../../harness/observe.ts';
import type { Scene } from '../../harness/scene.ts';
import { keepSession } from '../../harness/sql-holds.ts';
import { takeOver } from '../../harness/take-over.ts';
import { rootAccount } from '../../harness/test-cluster.ts';

/** From when the status says that a replica lags, to when it is too far behind to take over. */
const TOO_FAR_BEHIND_MS = 8_000;
const LOCK = 'FLUSH TABLES WITH READ LOCK';

export const switchoverWithLag = faultScenario({
  name: 'switchover-with-lag',
  summary: 'the pod of the primary is deleted while no replica applies anything; later they do',
  expectation: 'held until a replica is close, then failover',
  fault: {
    inject: async (scene) => {
      const unlock = await Promise.all(
        scene.replicas.map(({ status }) => keepSession(status.podIP ?? '', rootAccount, LOCK)),
      );
      for (const { metadata } of scene.replicas) await scene.status.troubled(metadata.name, /CatchingUp/, 60_000);
      await observeFor(TOO_FAR_BEHIND_MS);
      await deletePrimary(scene);
      return () => {
        for (const one of unlock) one();
      };
    },
    shows: async ({ status }) => {
      await status.held(/NoCaughtUpReplica/, 20_000);
    },
    watchMs: 1_000,
  },
});

export const switchoverReadLocked = faultScenario({
  name: 'switchover-read-locked',
  summary: 'the pod of the primary is deleted while somebody holds FLUSH TABLES WITH READ LOCK on it',
  expectation: 'failover',
  fault: {
    inject: async (scene) => {
      const unlock = await keepSession(scene.primary.status.podIP ?? '', rootAccount, LOCK);
      await deletePrimary(scene);
      return unlock;
    },
    shows: takeOver,
  },
});

async function deletePrimary({ stage, cluster, primary }: Scene): Promise<void> {
  await stage.env.kube.remove(resources.pods, cluster.namespace, primary.metadata.name);
}
