import { type Mysqld, type MysqldOptions, startMysqld } from '@pilotfish/testkit';
import {
  enableSemiSyncReplica,
  enableSemiSyncSource,
  MysqlSession,
  openWrites,
  pointAt,
  startReplication,
} from './index.ts';

export const deadline = { deadlineMs: 10_000 };

/** A server and a session of its administrator. */
export interface TestServer {
  readonly mysqld: Mysqld;
  readonly session: MysqlSession;
}

export async function startServer(options: MysqldOptions): Promise<TestServer> {
  const mysqld = await startMysqld(options);
  return { mysqld, session: await MysqlSession.connect(mysqld.root, deadline) };
}

export async function startServers(count: number): Promise<TestServer[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => await startServer({ serverId: index + 1 })),
  );
}

export async function closeServers(servers: readonly TestServer[]): Promise<void> {
  for (const { session } of servers) session.destroy();
  await Promise.all(servers.map(async ({ mysqld }) => await mysqld.close()));
}

/** Makes the first the writable semi-sync source of the others, with one acknowledgement, as the operator would. */
export async function replicate(source: TestServer, ...replicas: readonly TestServer[]): Promise<void> {
  for (const replica of replicas) {
    await enableSemiSyncReplica(replica.session, true, deadline);
    await follow(replica, source);
  }
  await enableSemiSyncSource(source.session, 1, deadline);
  await openWrites(source.session, deadline);
}

export async function follow(replica: TestServer, source: TestServer): Promise<void> {
  const timing = { heartbeatSeconds: 0.5, connectRetrySeconds: 1, retryCount: 100_000 };
  await pointAt(replica.session, { ...source.mysqld.replication, ...timing }, deadline);
  await startReplication(replica.session, deadline);
}
