import { describeChanges, PodHistory } from '../harness/pod-history.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { expectSteadyWrites } from '../harness/steady-writes.ts';
import type { TestCluster } from '../harness/test-cluster.ts';
import { smallVolumes } from '../harness/volumes.ts';
import { messageOf } from '../harness/wait-for.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import type { BadInput } from './bad-input/bad-input-case.ts';
import { hostileInputs } from './bad-input/hostile-inputs.ts';
import { refusals } from './bad-input/refusals.ts';
import { fullVolume, wrongPassword } from './bad-input/running-cluster.ts';
import { imageThatCannotBePulled, missingKey, missingSecret } from './bad-input/starting-cluster.ts';

const cases: readonly BadInput[] = [...refusals, missingSecret, missingKey, imageThatCannotBePulled, ...hostileInputs];

export const badInput: Scenario = {
  name: 'bad-input',
  summary:
    'wrong specs, Secrets, images, volumes, passwords, messages, labels: refused or explained, healed, and nothing else suffers',
  needsLocalCluster: true,
  run: async (stage) => {
    const cluster = await stage.ownCluster({
      replicas: 3,
      spec: smallVolumes,
    });
    const watch = await WriteWatch.start(stage, cluster);
    const startMs = timestampMs();
    const history = await PodHistory.start(cluster);
    for (const one of cases) await attempt(stage, cluster, one);
    const sightings = await history.stop();
    const moved = sightings.filter(
      ({ epoch, pods }) => epoch !== sightings[0]?.epoch || pods.some(({ ready, restarts }) => !ready || restarts > 0),
    );
    stage.findings.expect(moved.length === 0, `the cluster beside suffered: ${describeChanges(moved)}`);

    // These two hurt an instance of the cluster itself; what must not suffer is the writing.
    const { epoch } = await cluster.topology();
    for (const one of [fullVolume, wrongPassword]) await attempt(stage, cluster, one);
    const after = await cluster.waitFullyRedundant();
    stage.findings.expect(after.epoch === epoch, `the epoch went from ${epoch} to ${after.epoch}`);
    const { records } = await watch.finish();
    stage.findings.addOutage(expectSteadyWrites(stage, records, startMs));
  },
};

async function attempt(stage: Stage, cluster: TestCluster, { what, run }: BadInput): Promise<void> {
  try {
    await run(stage, cluster);
    stage.log(`ok: ${what}`);
  } catch (error) {
    const reason = messageOf(error);
    stage.log(`NOT ok: ${what}: ${reason}`);
    stage.findings.complain(`${what}: ${reason}`);
  }
}
