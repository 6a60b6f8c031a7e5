import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, startMysqld } from '@pilotfish/testkit';
import { ServiceConnections } from './service-connections.ts';

checkLeaks({ beforeAll, afterAll });

test('a server that never took a write is waited for; one that did, and says no, is left', async () => {
  const mysqld = await startMysqld({ serverId: 1, settings: { super_read_only: true, read_only: true } });
  const target = { ...mysqld.root, database: 'mysql' };
  const connections = new ServiceConnections();
  try {
    const first = await connections.open(target);
    expect((await first.write('CREATE DATABASE app', [])).outcome).toBe('refused');
    connections.refused(first);
    expect(await connections.open(target)).toBe(first);

    await first.read('SET GLOBAL read_only = OFF', []);
    expect((await first.write('CREATE DATABASE app', [])).outcome).toBe('acknowledged');
    await first.read('SET GLOBAL super_read_only = ON', []);
    expect((await first.write('DROP DATABASE app', [])).outcome).toBe('refused');
    connections.refused(first);
    expect(first.open).toBe(false);
    expect(await connections.open(target)).not.toBe(first);
  } finally {
    connections.close();
    await mysqld.close();
  }
}, 60_000);
