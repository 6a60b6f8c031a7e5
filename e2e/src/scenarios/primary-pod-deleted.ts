import { faultRounds } from '../harness/fault-rounds.ts';
import { resources } from '../harness/kube-api.ts';
import type { Scenario } from '../harness/scenario.ts';

export const primaryPodDeleted: Scenario = {
  name: 'primary-pod-deleted',
  summary: 'kubectl delete pod of the primary: a planned switchover comes first',
  needsLocalCluster: false,
  run: (stage) =>
    faultRounds(stage, stage.rounds(3), {
      inject: ({ namespace }, { metadata }) => stage.env.kube.remove(resources.pods, namespace, metadata.name),
    }),
};
