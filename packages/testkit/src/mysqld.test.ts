import { access } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, eventually, startMysqld } from './index.ts';
import { isGreeted } from './mysqld-greeting.ts';

checkLeaks({ beforeAll, afterAll });

test('two servers have their own ports, folders and UUIDs, and keep them over stop, crash and restart', async () => {
  const servers = await Promise.all([startMysqld({ serverId: 1 }), startMysqld({ serverId: 2 })]);
  const [first, second] = servers;
  try {
    expect(first.port).not.toBe(second.port);
    const uuid = await first.uuid();
    expect(uuid).not.toBe(await second.uuid());

    const pid = first.pid;
    await first.restart();
    expect(first.pid).not.toBe(pid);
    expect(await first.uuid()).toBe(uuid);

    second.kill('SIGKILL');
    expect(await second.exited()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await isGreeted(second.port, 1_000)).toBe(false);
    await second.start();
    expect(await isGreeted(second.port, 5_000)).toBe(true);
  } finally {
    await Promise.all(servers.map(async (server) => await server.close()));
  }
  await expect(access(first.datadir)).rejects.toThrow('ENOENT');
}, 180_000);

test('a hung server is closed as well', async () => {
  const server = await startMysqld({ serverId: 1 });
  server.kill('SIGSTOP');
  expect(await isGreeted(server.port, 200)).toBe(false);
  await server.close();
}, 60_000);

test('a setting it does not know fails at once with its error log', async () => {
  await expect(startMysqld({ serverId: 1, settings: { no_such_setting: 1 } })).rejects.toThrow(/no-such-setting/);
}, 60_000);

test('a server that exits to be restarted, as after CLONE, is started again', async () => {
  // The exit code alone asks for it; a real CLONE is in the tests of @pilotfish/mysql.
  const server = await startMysqld({ serverId: 1 });
  try {
    const pid = server.pid;
    server.kill('SIGUSR2');
    await server.exited();
    await eventually(async () => await isGreeted(server.port, 20_000), {
      deadlineMs: 30_000,
      describe: 'the new server',
    });
    expect(server.pid).not.toBe(pid);
  } finally {
    await server.close();
  }
}, 60_000);
