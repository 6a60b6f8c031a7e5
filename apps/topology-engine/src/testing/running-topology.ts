import { MysqlSession, openWrites, pointAt, type ReplicationSource, startReplication } from '@pilotfish/mysql';
import type { Mysqld } from '@pilotfish/testkit';

const deadline = { deadlineMs: 30_000 };

/** What was there before an engine came: of blank servers the first takes writes, with the table that tests write to, and the others follow. */
export async function makeRunningTopology(
  [first, ...others]: readonly Mysqld[],
  source: Pick<ReplicationSource, 'host' | 'port'>,
): Promise<void> {
  if (!first) return;
  await on(first, async (session) => {
    await openWrites(session, deadline);
    await session.query('CREATE DATABASE app', [], deadline);
    await session.query('CREATE TABLE app.t (id INT PRIMARY KEY)', [], deadline);
  });
  const { user, password } = first.replication;
  const timing = { heartbeatSeconds: 1, connectRetrySeconds: 1, retryCount: 0 };
  await Promise.all(
    others.map((other) =>
      on(other, async (session) => {
        await pointAt(session, { ...source, ...timing, user, password }, deadline);
        await startReplication(session, deadline);
      }),
    ),
  );
}

async function on(server: Mysqld, work: (session: MysqlSession) => Promise<void>): Promise<void> {
  const session = await MysqlSession.connect(server.root, deadline);
  await work(session).finally(() => session.destroy());
}
