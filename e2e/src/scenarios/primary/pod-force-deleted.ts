import { faultScenario } from '../../harness/fault-scenario.ts';
import { resources } from '../../harness/kube-api.ts';

export const primaryPodForceDeleted = faultScenario({
  name: 'primary-pod-force-deleted',
  summary: 'kubectl delete pod --grace-period=0 --force of the primary',
  expectation: 'failover',
  rounds: 3,
  anywhere: true,
  fault: {
    inject: async ({ stage, cluster, primary }) => {
      await stage.env.kube.remove(resources.pods, cluster.namespace, primary.metadata.name, { gracePeriodSeconds: 0 });
    },
  },
});
