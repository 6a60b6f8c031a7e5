import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { MysqlSession } from './index.ts';
import { unsupportedGreeting } from './server-greeting.ts';

const greeting = (version: string): Buffer =>
  Buffer.concat([Buffer.from([74, 0, 0, 0, 10]), Buffer.from(`${version}\0`), Buffer.alloc(60)]);

describe('a greeting', () => {
  test.each(['8.4.0', '8.4.6-6', '9.7.4', '10.0.1'])('of %s is served', (version) => {
    expect(unsupportedGreeting(greeting(version))).toBeUndefined();
  });

  test.each([
    ['5.5.5-10.11.6-MariaDB-1', 'it is MariaDB (5.5.5-10.11.6-MariaDB-1); MySQL 8.4 or later is managed'],
    ['11.4.2-MariaDB', 'it is MariaDB (11.4.2-MariaDB); MySQL 8.4 or later is managed'],
    ['5.5.62-log', 'it is MySQL 5.5.62-log; MySQL 8.4 or later is managed'],
    ['8.0.41', 'it is MySQL 8.0.41; MySQL 8.4 or later is managed'],
  ])('of %s is not', (version, reason) => {
    expect(unsupportedGreeting(greeting(version))).toBe(reason);
  });

  test('that is an error, such as too many connections, says nothing of the version', () => {
    expect(unsupportedGreeting(Buffer.from([23, 0, 0, 0, 0xff, 0x10, 0x04]))).toBeUndefined();
  });

  test('of a server that is not managed ends the connection before the login', async () => {
    let received = 0;
    const server = createServer((socket) => {
      socket.on('data', (bytes) => (received += bytes.length)).on('error', () => undefined);
      socket.write(greeting('5.5.5-10.11.6-MariaDB'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port, user: 'u', password: 'p' };
    try {
      await expect(MysqlSession.connect(endpoint, { deadlineMs: 2_000 })).rejects.toMatchObject({
        kind: 'Unsupported',
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
    expect(received).toBe(0);
  });
});
