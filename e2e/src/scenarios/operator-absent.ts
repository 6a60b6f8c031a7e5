import { STANDSTILL_MS } from '../analysis/standstill.ts';
import { observeFor } from '../harness/observe.ts';
import { describeChanges, PodHistory } from '../harness/pod-history.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { OperatorServices, serviceNames } from '../harness/services.ts';
import { expectSteadyWrites } from '../harness/steady-writes.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';

const ABSENCE_MS = 60_000;
/** After the return: enough for every service to have looked at the cluster many times. */
const RETURN_MS = 20_000;

export const operatorAbsent: Scenario = {
  name: 'operator-absent',
  summary: 'all services and NATS are stopped for a minute: reads and writes go on, and their return changes nothing',
  needsLocalCluster: false,
  run: async (stage) => {
    const services = await OperatorServices.find(stage.env.kube);
    const cluster = await stage.sharedCluster();
    const watch = await WriteWatch.start(stage, cluster);
    const startMs = timestampMs();
    const history = await PodHistory.start(cluster);

    const comeBack = await stopEverything(stage, services);
    stage.log('all services and NATS are gone');
    await observeFor(ABSENCE_MS);
    await comeBack();
    stage.log('all services and NATS are back');
    await observeFor(RETURN_MS);

    const sightings = await history.stop();
    stage.findings.expect(sightings.length === 1, `something changed: ${describeChanges(sightings)}`);
    await cluster.waitFullyRedundant();
    const { records, report } = await watch.finish();
    stage.findings.addOutage(expectSteadyWrites(stage, records, startMs));
    const { succeeded, failed, longestGapMs } = report.reads;
    const reads = `${failed.length} reads failed, longest silence of reads ${Math.round(longestGapMs)} ms`;
    stage.log(`${succeeded} reads done, ${reads}`);
    for (const { beganMs, endedMs, error } of failed)
      stage.log(
        `a read failed at ${new Date(beganMs).toISOString()} after ${Math.round(endedMs - beganMs)} ms: ${error}`,
      );
    stage.findings.expect(failed.length === 0 && longestGapMs < STANDSTILL_MS, reads);
  },
};

/** Scales all services and NATS to nothing; returns what brings them back. */
async function stopEverything(stage: Stage, services: OperatorServices): Promise<() => Promise<void>> {
  const replicas = new Map<(typeof serviceNames)[number], number>();
  let nats = 0;
  const comeBack = async (): Promise<void> => {
    if (nats > 0) await services.scaleNats(nats);
    await Promise.all([...replicas].map(([service, count]) => services.scale(service, count)));
  };
  stage.afterwards('bring the services back', comeBack);
  for (const service of serviceNames) replicas.set(service, (await services.deployment(service)).spec.replicas);
  await Promise.all(serviceNames.map((service) => services.scale(service, 0)));
  nats = await services.scaleNats(0);
  return comeBack;
}
