import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { createLogger } from '@pilotfish/service';
import type { Start } from '@pilotfish/topology';
import { AgentClient, AgentRefusal } from '../observe/agent-client.ts';
import type { PlanContext } from './plan-run.ts';
import { startWaiting } from './start-waiting.ts';

const start: Start = { do: 'start', instance: 'db-mysql-0', wait: 'w' };
const rewind: Start = { ...start, do: 'rewind', source: 'uuid', received: GtidSet.empty };

describe('an order for a server that waits to start', () => {
  let server: Server;
  let status = 200;
  let noted = 0;
  let term: string | string[] | undefined;
  const told: string[] = [];

  beforeEach(async () => {
    [status, noted] = [200, 0];
    told.length = 0;
    server = createServer((request, response) => {
      term = request.headers['pilotfish-term'];
      response.statusCode = status;
      response.end(request.url === '/v1/rewind' ? '{"gtids":"aaaaaaaa-1111-1111-1111-111111111111:7"}' : '{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function context(): PlanContext {
    const { port } = server.address() as AddressInfo;
    const agent = new AgentClient({
      host: '127.0.0.1',
      port,
      token: 'token',
      owner: { term: 3, check: () => undefined },
    });
    return {
      member: () => ({ agent, noteStartOrdered: () => (noted += 1) }),
      record: { confirmEpoch: () => Promise.resolve() },
      announce: { event: (name: string) => void told.push(name) },
      logger: createLogger({ service: 'test', level: 'fatal' }),
    } as unknown as PlanContext;
  }

  test('is given once: what its agent reported before no longer holds', async () => {
    await startWaiting(start, context());
    await startWaiting(rewind, context());
    expect(noted).toBe(2);
    expect(term).toBe('3');
    expect(told).toEqual(['instance-rewound']);
  });

  test.each([
    ['start', start, 410],
    ['start, by an agent of before', start, 409],
    ['rewind', rewind, 410],
  ])('comes too late for a server that has started by itself, and that is no failure: %s', async (_, order, answer) => {
    status = answer;
    await startWaiting(order, context());
    expect(noted).toBe(1);
    expect(told).toEqual([]);
  });

  test.each([
    ['a rewind that is refused', rewind, 409],
    ['an agent in trouble', start, 500],
  ])('fails with %s, and may be given again', async (_, order, answer) => {
    status = answer;
    await expect(startWaiting(order, context())).rejects.toThrow(AgentRefusal);
    expect(noted).toBe(0);
  });
});
