import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkLeaks } from '@pilotfish/testkit';
import { OutsideContacts } from './outside-contacts.ts';

checkLeaks({ beforeAll, afterAll });

describe('contact with a peer', () => {
  let server: Server;
  let contacts: OutsideContacts;
  let answer: string | undefined;
  beforeEach(async () => {
    answer = '{"cluster":"c","pod":"c-mysql-1"}';
    server = createServer((_, response) => {
      if (answer !== undefined) response.end(answer);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const peers = { addresses: () => ['127.0.0.2', '127.0.0.1'], isSolo: () => false };
    contacts = new OutsideContacts({
      cluster: 'c',
      peers,
      peerPort: (server.address() as AddressInfo).port,
      apiServer: undefined,
    });
  });
  afterEach(async () => {
    contacts.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('is there when one of them answers', async () => {
    expect(await contacts.reach()).toBe(true);
    expect(await contacts.reach()).toBe(true);
  });

  test('is not there when the address belongs to another cluster now', async () => {
    answer = '{"cluster":"other"}';
    expect(await contacts.reach()).toBe(false);
  });

  test.each(['nonsense', 'null', '7', 'x'.repeat(100_000)])(
    'is not there when something else answers (%#)',
    async (text) => {
      answer = text;
      expect(await contacts.reach()).toBe(false);
    },
  );

  test('is not there when nothing is said, and that is known within about a second', async () => {
    answer = undefined;
    const beganMs = performance.now();
    expect(await contacts.reach()).toBe(false);
    expect(performance.now() - beganMs).toBeLessThan(3000);
  });
});
