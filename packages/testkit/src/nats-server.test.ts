import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, startNats } from './index.ts';

checkLeaks({ beforeAll, afterAll });

test('a nats-server with JetStream greets on its port, and again on the same one after a restart', async () => {
  const nats = await startNats();
  try {
    expect(await greeting(nats.port)).toMatchObject({ jetstream: true });
    const firstPid = nats.pid;
    await nats.restart();
    expect(nats.pid).not.toBe(firstPid);
    expect(await greeting(nats.port)).toMatchObject({ jetstream: true });
  } finally {
    await nats.close();
  }
  await expect(greeting(nats.port)).rejects.toThrow('ECONNREFUSED');
});

test('configuration is passed on', async () => {
  const nats = await startNats({ config: 'authorization { user: service, password: secret }' });
  try {
    expect(await greeting(nats.port)).toMatchObject({ auth_required: true });
  } finally {
    await nats.close();
  }
});

test('a configuration it does not take fails at once with what it printed, and leaves nothing', async () => {
  await expect(startNats({ config: 'authorisation: nonsense {' })).rejects.toThrow(/before it was ready/);
});

async function greeting(port: number): Promise<unknown> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return JSON.parse(data.toString().replace('INFO ', '')) as unknown;
  } finally {
    socket.destroy();
  }
}
