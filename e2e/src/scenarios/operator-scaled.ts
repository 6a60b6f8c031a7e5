import { describeChanges, PodHistory } from '../harness/pod-history.ts';
import type { Scenario } from '../harness/scenario.ts';
import { OperatorServices, serviceNames } from '../harness/services.ts';
import { expectSteadyWrites } from '../harness/steady-writes.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';

export const operatorScaled: Scenario = {
  name: 'operator-scaled',
  summary: 'each service goes from 1 to 3 to 2 replicas under write load',
  needsLocalCluster: false,
  run: async (stage) => {
    const services = await OperatorServices.find(stage.env.kube);
    const cluster = await stage.sharedCluster();
    const watch = await WriteWatch.start(stage, cluster);
    const startMs = timestampMs();
    const history = await PodHistory.start(cluster);
    for (const service of serviceNames) {
      const { spec } = await services.deployment(service);
      stage.afterwards(`scale ${service} back`, () => services.scale(service, spec.replicas));
      for (const replicas of [1, 3, 2]) await services.scale(service, replicas);
      stage.log(`${service}: 1, 3, 2 replicas`);
    }
    const sightings = await history.stop();
    stage.findings.expect(sightings.length === 1, `something changed: ${describeChanges(sightings)}`);
    await cluster.waitFullyRedundant();
    const { records } = await watch.finish();
    stage.findings.addOutage(expectSteadyWrites(stage, records, startMs));
  },
};
