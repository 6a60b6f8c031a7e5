import { z } from 'zod';
import { faultScenario } from '../../harness/fault-scenario.ts';
import { hangMysqld } from '../../harness/mysqld-process.ts';
import { aReplica, type Scene } from '../../harness/scene.ts';
import { runSql } from '../../harness/sql-access.ts';
import { keepSession } from '../../harness/sql-holds.ts';
import { rootAccount } from '../../harness/test-cluster.ts';
import { expectThat, waitFor } from '../../harness/wait-for.ts';

const SCHEMA = 'e2e_errant';

export const replicaErrant = faultScenario({
  name: 'replica-errant',
  summary: 'somebody writes on a replica',
  expectation: 'no failover; told, saved, the replica is rebuilt',
  fault: {
    ending: 'no failover',
    inject: async (scene) => {
      const statements = ['SET GLOBAL super_read_only = OFF', `CREATE SCHEMA ${SCHEMA}`];
      (await keepSession(aReplica(scene).status.podIP ?? '', rootAccount, ...statements))();
    },
    shows: async (scene) => {
      const { name } = aReplica(scene).metadata;
      await waitFor(
        'an event that tells of the errant transaction',
        async () => (await scene.status.warnings()).some((text) => /Errant|Diverged/.test(text) && text.includes(name)),
        { timeoutMs: 60_000 },
      );
      await waitFor(
        `what was written on ${name} alone to be gone`,
        async () => (await runSql(addressNow(scene, name), rootAccount, `SHOW SCHEMAS LIKE '${SCHEMA}'`)).length === 0,
        { timeoutMs: 120_000, intervalMs: 1000 },
      );
    },
  },
});

export const replicaSourcePurged = faultScenario({
  name: 'replica-source-purged',
  summary: 'a replica comes back and nobody has the binary logs any more that it needs next',
  expectation: 'no failover; the replica is cloned',
  fault: {
    ending: 'no failover',
    inject: async (scene) => {
      const behind = aReplica(scene);
      const goOn = hangMysqld(behind);
      try {
        await disconnect(scene.primary.status.podIP ?? '', behind.status.podIP ?? '');
        await scene.watch.load.waitForMore(20, 60_000);
        for (const { metadata, status } of [scene.primary, ...scene.replicas]) {
          if (metadata.name !== behind.metadata.name) await purgeBinaryLogs(status.podIP ?? '');
        }
      } finally {
        goOn();
      }
    },
    shows: async (scene) => {
      const { name } = aReplica(scene).metadata;
      await scene.status.troubled(name, /Provisioning/, 60_000);
    },
  },
});

const addressNow = ({ replicas }: Scene, name: string): string =>
  replicas.find(({ metadata }) => metadata.name === name)?.status.podIP ?? '';

/** Ends the connection that a replica receives by: a log that is being sent is not purged. */
async function disconnect(source: string, replica: string): Promise<void> {
  const ids = await runSql(
    source,
    rootAccount,
    "SELECT id FROM information_schema.processlist WHERE command LIKE 'Binlog Dump%' AND host LIKE CONCAT(?, ':%')",
    [replica],
  );
  expectThat(ids.length > 0, `${replica} does not receive from ${source}`);
  for (const { id } of z.array(z.object({ id: z.number() })).parse(ids))
    await runSql(source, rootAccount, `KILL ${id}`);
}

async function purgeBinaryLogs(host: string): Promise<void> {
  await runSql(host, rootAccount, 'FLUSH BINARY LOGS');
  const logs = z.array(z.object({ Log_name: z.string() })).parse(await runSql(host, rootAccount, 'SHOW BINARY LOGS'));
  await runSql(host, rootAccount, `PURGE BINARY LOGS TO '${logs.at(-1)?.Log_name ?? ''}'`);
}
