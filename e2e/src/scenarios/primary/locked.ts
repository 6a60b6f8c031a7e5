import { faultScenario } from '../../harness/fault-scenario.ts';
import { observeFor } from '../../harness/observe.ts';
import { runSql } from '../../harness/sql-access.ts';
import { exhaustConnections, keepSession } from '../../harness/sql-holds.ts';
import { writesAgain } from '../../harness/take-over.ts';
import { applicationAccount, rootAccount } from '../../harness/test-cluster.ts';

const HELD_MS = 15_000;

export const primaryConnectionsExhausted = faultScenario({
  name: 'primary-connections-exhausted',
  summary: 'clients take every connection that the primary has; those that have one go on',
  expectation: 'no failover, writes go on',
  fault: {
    ending: 'no failover',
    inject: ({ primary }) => exhaustConnections(primary.status.podIP ?? '', applicationAccount),
    shows: async (scene) => {
      await observeFor(HELD_MS);
      await writesAgain(scene);
    },
  },
});

export const primaryReadLocked = faultScenario({
  name: 'primary-read-locked',
  summary: 'somebody holds FLUSH TABLES WITH READ LOCK on the primary',
  expectation: 'no failover, told; writes go on afterwards',
  fault: {
    ending: 'no failover',
    inject: ({ primary }) => keepSession(primary.status.podIP ?? '', rootAccount, 'FLUSH TABLES WITH READ LOCK'),
    shows: () => observeFor(HELD_MS),
    watchMs: 3_000,
  },
});

export const primaryReadOnlyByHand = faultScenario({
  name: 'primary-read-only-by-hand',
  summary: 'somebody sets super_read_only on the primary',
  expectation: 'no failover: it is opened again',
  fault: {
    ending: 'no failover',
    inject: async ({ primary }) => {
      await runSql(primary.status.podIP ?? '', rootAccount, 'SET GLOBAL super_read_only = ON');
    },
  },
});
