import { faultScenario } from '../../harness/fault-scenario.ts';
import { signalMysqld } from '../../harness/mysqld-process.ts';
import { observeFor } from '../../harness/observe.ts';
import { aReplica } from '../../harness/scene.ts';
import { takeOver, writesAgain } from '../../harness/take-over.ts';

export const primaryAndReplicaKilled = faultScenario({
  name: 'primary-and-replica-killed',
  summary: 'the primary and a replica are killed at once',
  expectation: 'writes come back when enough of those that may hold them answer',
  fault: {
    ending: 'either',
    inject: (scene) => {
      for (const { metadata } of [scene.primary, aReplica(scene)]) signalMysqld(metadata.uid, 'SIGKILL');
    },
  },
});

export const allKilled = faultScenario({
  name: 'all-killed',
  summary: 'every mysqld of the cluster is killed at once',
  expectation: 'writes come back with everything that was acknowledged',
  fault: {
    ending: 'either',
    inject: ({ primary, replicas }) => {
      for (const { metadata } of [primary, ...replicas]) signalMysqld(metadata.uid, 'SIGKILL');
    },
  },
});

export const secondFailure = faultScenario({
  name: 'second-failure',
  summary: 'the new primary is killed 5 s after it took over',
  expectation: 'two failovers, or the second server is back in time',
  fault: {
    ending: 'either',
    inject: async (scene) => {
      signalMysqld(scene.primary.metadata.uid, 'SIGKILL');
      await takeOver(scene);
      await observeFor(5_000);
      signalMysqld((await scene.cluster.primary()).metadata.uid, 'SIGKILL');
    },
    shows: writesAgain,
  },
});
