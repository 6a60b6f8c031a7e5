import { handOvers } from '../analysis/outages.ts';
import { resources } from '../harness/kube-api.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { expectSteadyWrites } from '../harness/steady-writes.ts';
import type { TestCluster } from '../harness/test-cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';

export const scaleOutAndIn: Scenario = {
  name: 'scale-out-and-in-under-writes',
  summary: '1 to 3 to 5 to 3 instances under write load: the ack set follows, volumes that are not needed any more go',
  needsLocalCluster: false,
  run: async (stage) => {
    const cluster = await stage.ownCluster({ replicas: 1 });
    const watch = await WriteWatch.start(stage, cluster, { writesPerSecond: 60 });
    const startMs = timestampMs();
    for (const replicas of [3, 5, 3]) await scaleTo(stage, cluster, replicas);
    await removedVolumesAreGone(stage, cluster, 3);
    const { records } = await watch.finish();
    stage.findings.addOutage(expectSteadyWrites(stage, records, startMs));
    stage.log(`${handOvers(records).length} hand-overs of the primary`);
  },
};

async function scaleTo(stage: Stage, cluster: TestCluster, replicas: number): Promise<void> {
  const startMs = timestampMs();
  await cluster.update({ replicas });
  const { primary } = await cluster.waitFullyRedundant();
  const tookMs = timestampMs() - startMs;
  stage.findings.addRedundancy(tookMs);
  stage.log(`${replicas} instances, fully redundant after ${(tookMs / 1000).toFixed(1)} s`);
  const wanted = Array.from({ length: replicas }, (_, ordinal) => cluster.podName(ordinal)).filter(
    (name) => name !== primary,
  );
  await waitFor(
    `the ack set is that of ${replicas} instances`,
    async () => {
      const { ackSet } = await cluster.topology();
      const members = (ackSet?.members ?? []).filter((name) => name !== primary);
      if (members.sort().join() === wanted.sort().join() && (ackSet?.k ?? 0) >= 1) return true;
      throw new Error(`members ${members.join(', ')}, k ${ackSet?.k}`);
    },
    { timeoutMs: 30_000 },
  );
}

async function removedVolumesAreGone(stage: Stage, cluster: TestCluster, replicas: number): Promise<void> {
  await waitFor(
    'the volumes of the removed instances are gone',
    async () => {
      for (let ordinal = 0; ordinal < 5; ordinal += 1) {
        const claim = `data-${cluster.podName(ordinal)}`;
        const isThere = (await stage.env.kube.get(resources.claims, cluster.namespace, claim)) !== undefined;
        if (isThere !== ordinal < replicas) throw new Error(`${claim} ${isThere ? 'is still there' : 'is gone'}`);
      }
      return true;
    },
    { timeoutMs: 60_000 },
  );
}
