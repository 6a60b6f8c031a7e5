import { faultRounds } from '../harness/fault-rounds.ts';
import { resources } from '../harness/kube-api.ts';
import type { Scenario } from '../harness/scenario.ts';

export const primaryPodForceDeleted: Scenario = {
  name: 'primary-pod-force-deleted',
  summary: 'kubectl delete pod --grace-period=0 --force of the primary',
  needsLocalCluster: false,
  run: (stage) =>
    faultRounds(stage, stage.rounds(3), {
      inject: ({ namespace }, { metadata }) =>
        stage.env.kube.remove(resources.pods, namespace, metadata.name, { gracePeriodSeconds: 0 }),
    }),
};
