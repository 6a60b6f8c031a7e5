import { z } from 'zod';
import { handOvers } from '../analysis/outages.ts';
import { PodHistory, type Sighting } from '../harness/pod-history.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { runSql } from '../harness/sql-access.ts';
import { rootAccount, type TestCluster } from '../harness/test-cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';

const ROLL_TIMEOUT_MS = 300_000;

export const rollingConfigChange: Scenario = {
  name: 'rolling-config-change',
  summary:
    'a changed mysqlConf restarts the replicas one after the other, then hands over, then restarts the old primary',
  needsLocalCluster: false,
  run: async (stage) => {
    const cluster = await stage.sharedCluster();
    const before = await cluster.waitFullyRedundant();
    const connections = (await maximumConnections(cluster, before.primary)) + 7;
    const watch = await WriteWatch.start(stage, cluster);
    const history = await PodHistory.start(cluster);
    const startMs = timestampMs();
    await cluster.update({ mysqlConf: { 'max-connections': connections } });
    await waitFor(
      'every instance has the new setting',
      async () => {
        for (const { metadata } of await cluster.pods()) {
          const found = await maximumConnections(cluster, metadata.name);
          if (found !== connections) throw new Error(`${metadata.name} has max_connections ${found}`);
        }
        return true;
      },
      { timeoutMs: ROLL_TIMEOUT_MS, intervalMs: 1000 },
    );
    const after = await cluster.waitFullyRedundant();
    stage.findings.addRedundancy(timestampMs() - startMs);
    checkOrder(stage, before.primary, await history.stop());
    stage.findings.expect(
      after.epoch === before.epoch + 1,
      `the epoch went from ${before.epoch} to ${after.epoch}: one switchover is enough`,
    );

    const { records } = await watch.finish();
    for (const { outageMs } of handOvers(records)) stage.findings.addOutage(outageMs);
  },
};

/** The instances restart one at a time, the old primary last. */
function checkOrder(stage: Stage, oldPrimary: string, sightings: readonly Sighting[]): void {
  const uids = new Map<string, string>(sightings[0]?.pods.map(({ name, uid }) => [name, uid]));
  const order: string[] = [];
  let mostMissing = 0;
  for (const { pods } of sightings) {
    const ready = pods.filter((pod) => pod.ready).length;
    mostMissing = Math.max(mostMissing, uids.size - ready);
    for (const { name, uid } of pods) {
      if (uids.get(name) === uid) continue;
      uids.set(name, uid);
      order.push(name);
    }
  }
  stage.log(`restarted in this order: ${order.join(', ')}`);
  stage.findings.expect(
    order.length === uids.size,
    `${order.length} restarts of ${uids.size} instances: ${order.join(', ')}`,
  );
  stage.findings.expect(
    order.at(-1) === oldPrimary,
    `the old primary ${oldPrimary} was not the last to restart: ${order.join(', ')}`,
  );
  stage.findings.expect(mostMissing <= 1, `${mostMissing} instances were not ready at the same time`);
}

async function maximumConnections(cluster: TestCluster, pod: string): Promise<number> {
  const { status } = await cluster.pod(pod);
  const rows = await runSql(status.podIP ?? '', rootAccount, 'SELECT @@max_connections AS value');
  return z.array(z.object({ value: z.number() })).parse(rows)[0]?.value ?? 0;
}
