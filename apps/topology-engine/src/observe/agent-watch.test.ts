import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@pilotfish/service';
import { eventually } from '@pilotfish/testkit';
import { AgentClient } from './agent-client.ts';
import { AgentWatch } from './agent-watch.ts';

const state = (hungMs: number) => ({
  mysqld: { running: true, blank: false, hungMs },
  provisioning: { phase: 'ready' },
  disk: { totalBytes: 1e9, freeBytes: 5e8, readOnly: false, stalledMs: 0 },
  errantSaved: [],
});

describe('the watch of an agent', () => {
  let server: Server;
  let watch: AgentWatch;
  let handle: (request: IncomingMessage, response: ServerResponse) => void;
  let changes = 0;
  let running: Promise<void>;

  beforeEach(async () => {
    changes = 0;
    server = createServer((request, response) => handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = new AgentClient({ host: '127.0.0.1', port, token: 'token' });
    watch = new AgentWatch({ client, clock: systemClock, onChange: () => (changes += 1) });
  });

  afterEach(async () => {
    watch.stop();
    await running;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const until = (condition: () => boolean, what: string) =>
    eventually(condition, { deadlineMs: 10_000, describe: what });

  test('hears of a change while its request is held, and asks on with the version it has', async () => {
    const held: { since: string | null; response: ServerResponse }[] = [];
    handle = (request, response) => {
      expect(request.headers.authorization).toBe('Bearer token');
      held.push({ since: new URL(request.url ?? '', 'http://agent').searchParams.get('since'), response });
    };
    running = watch.run();
    await until(() => held.length === 1, 'the first request');
    expect(watch.view()).toBeUndefined();
    held[0]?.response.end(JSON.stringify({ version: 'a.1', state: state(0) }));
    await until(() => held.length === 2, 'the second request');
    expect(held.map(({ since }) => since)).toEqual(['', 'a.1']);
    held[1]?.response.end(JSON.stringify({ version: 'a.2', state: state(2_000) }));
    await until(() => changes === 2, 'the change');
    expect(watch.view()).toMatchObject({ running: true, hungMs: 2_000 });
  });

  test('asks an agent that does not push', async () => {
    const asked: string[] = [];
    handle = (request, response) => {
      const path = request.url?.split('?', 1)[0] ?? '';
      asked.push(path);
      if (path === '/v1/state') response.end(JSON.stringify(state(0)));
      else response.writeHead(404).end();
    };
    running = watch.run();
    await until(() => watch.view() !== undefined, 'its state');
    expect(asked.slice(0, 2)).toEqual(['/v1/watch', '/v1/state']);
  });

  test('an agent that answers nonsense has no say', async () => {
    let asked = 0;
    handle = (_, response) => {
      asked += 1;
      response.end('[]');
    };
    running = watch.run();
    await until(() => asked > 1, 'a second attempt');
    expect(watch.view()).toBeUndefined();
    expect(changes).toBe(0);
  });
});
