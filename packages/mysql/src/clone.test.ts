import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, eventually } from '@pilotfish/testkit';
import { cloneFrom, cloneStatus, MysqlSession, openWrites, probe, setValidDonors } from './index.ts';
import { closeServers, deadline, startServers, type TestServer } from './test-servers.ts';

const servers: TestServer[] = [];
let donor: TestServer;
let recipient: TestServer;

beforeAll(async () => {
  servers.push(...(await startServers(2)));
  [donor, recipient] = servers as [TestServer, TestServer];
}, 120_000);
afterAll(async () => {
  await closeServers(servers);
}, 60_000);
checkLeaks({ beforeAll, afterAll });

test('without a clone there is no status', async () => {
  expect(await cloneStatus(recipient.session, deadline)).toBeNull();
});

test('a donor that is not in the list is refused, and nothing is dropped', async () => {
  const attempt = cloneFrom(recipient.session, donor.mysqld.replication, { deadlineMs: 60_000 });
  await expect(attempt).rejects.toMatchObject({ kind: 'Sql', errno: 3869 });
});

test('a clone copies the data and the GTIDs, restarts mysqld under another UUID, and says how it went', async () => {
  await openWrites(donor.session, deadline);
  await donor.session.query('CREATE DATABASE copied', [], deadline);
  const { gtidExecuted } = await donor.session.observe(deadline);
  const uuid = await recipient.mysqld.uuid();

  await openWrites(recipient.session, deadline);
  await setValidDonors(recipient.session, [{ host: '127.0.0.1', port: donor.mysqld.port }], deadline);
  expect(await cloneFrom(recipient.session, donor.mysqld.replication, { deadlineMs: 120_000 })).toBe('restarting');

  await eventually(
    async () => {
      await probe(recipient.mysqld.root, { deadlineMs: 5_000 });
      return true;
    },
    { deadlineMs: 60_000, describe: 'the restarted recipient' },
  );
  const session = await MysqlSession.connect(recipient.mysqld.root, deadline);
  try {
    expect(await cloneStatus(session, deadline)).toMatchObject({
      state: 'Completed',
      source: `127.0.0.1:${donor.mysqld.port}`,
      errno: 0,
      error: '',
    });
    const observation = await session.observe(deadline);
    expect(observation).toMatchObject({ gtidExecuted, superReadOnly: true });
    expect(observation.serverUuid).not.toBe((await donor.session.observe(deadline)).serverUuid);
    expect(await recipient.mysqld.uuid()).toBe(observation.serverUuid);
    expect(uuid).not.toBe('');
  } finally {
    session.destroy();
  }
}, 180_000);
