import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks } from '@pilotfish/testkit';
import { commitEmptyTransactions, MysqlError, openWrites } from './index.ts';
import { closeServers, deadline, startServer, type TestServer } from './test-servers.ts';

const stranger = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
let server: TestServer;

beforeAll(async () => {
  server = await startServer({ serverId: 1 });
}, 120_000);
afterAll(async () => await closeServers([server]), 60_000);
checkLeaks({ beforeAll, afterAll });

test('GTIDs of others count as executed, and the session goes on under its own', async () => {
  const { session } = server;
  await openWrites(session, deadline);
  const gtids = [`${stranger}:7`, `${stranger}:tag:1`, `${stranger}:7`];
  await commitEmptyTransactions(session, gtids, deadline);
  expect((await session.observe(deadline)).gtidExecuted).toBe(`${stranger}:7:tag:1`);
  await session.query('CREATE DATABASE own', [], deadline);
  expect((await session.observe(deadline)).gtidExecuted).toContain(await server.mysqld.uuid());
});

test('a session that fails in between is destroyed: its next transaction would have a wrong name', async () => {
  const { session } = server;
  await expect(commitEmptyTransactions(session, ['not a gtid'], deadline)).rejects.toThrow(MysqlError);
  expect(session.isClosed).toBe(true);
});
