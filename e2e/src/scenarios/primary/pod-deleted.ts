import { faultScenario } from '../../harness/fault-scenario.ts';
import { resources } from '../../harness/kube-api.ts';

export const primaryPodDeleted = faultScenario({
  name: 'primary-pod-deleted',
  summary: 'kubectl delete pod of the primary: a planned switchover comes first',
  expectation: 'failover, planned',
  rounds: 3,
  anywhere: true,
  fault: {
    inject: async ({ stage, cluster, primary }) => {
      await stage.env.kube.remove(resources.pods, cluster.namespace, primary.metadata.name);
    },
  },
});
