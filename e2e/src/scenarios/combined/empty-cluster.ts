import { signalMysqld } from '../../harness/mysqld-process.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { timestampMs } from '../../load-client/timestamp.ts';

/** Nobody writes here: what can be compared is nothing, and a rule that compares must still come to an end. */
export const emptyCluster: Scenario = {
  name: 'empty-cluster',
  summary: 'the primary of a cluster is killed in which nobody has written anything',
  expectation: 'failover, or the same primary opens again',
  needsLocalCluster: true,
  run: async (stage) => {
    const cluster = await stage.ownCluster({ replicas: 3 });
    for (let round = 1; round <= stage.rounds(1); round += 1) {
      const before = await cluster.waitFullyRedundant();
      const { metadata } = await cluster.pod(before.primary);
      const faultMs = timestampMs();
      signalMysqld(metadata.uid, 'SIGKILL');
      await waitFor(
        'the loss of the primary shows',
        async () => {
          const { epoch, operation, writable } = await cluster.topology();
          const [pod] = (await cluster.pods()).filter(({ metadata: { name } }) => name === before.primary);
          const restarts = pod?.status.containerStatuses.reduce((sum, { restartCount }) => sum + restartCount, 0) ?? 0;
          return epoch > before.epoch || operation !== undefined || !writable || restarts > 0;
        },
        { timeoutMs: 60_000, intervalMs: 100 },
      );
      const after = await cluster.waitFullyRedundant();
      stage.findings.addRedundancy(timestampMs() - faultMs);
      stage.findings.addOutcome(after.epoch === before.epoch ? 'no failover' : 'failover');
      stage.findings.expect(after.epoch <= before.epoch + 1, `the epoch went from ${before.epoch} to ${after.epoch}`);
    }
  },
};
