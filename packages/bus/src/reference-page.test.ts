import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, startNats } from '@pilotfish/testkit';
import { openedEvent } from './test-events.ts';
import { observedBus, until } from './test-harness.ts';

checkLeaks({ beforeAll, afterAll });

const page = fileURLToPath(new URL('../../../docs/reference/events.md', import.meta.url));
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

test('the program on the reference page hears a failover as it happens', async () => {
  const program = /```js\n(.*?)```/s.exec(await readFile(page, 'utf8'))?.[1] ?? '';
  expect(program).toContain('@nats-io/transport-node');
  const server = await startNats({
    config: `authorization { users: [
      { user: topology-engine, password: e }
      { user: subscriber, password: s, permissions: { publish: [], subscribe: ["mysql.v1.evt.>", "_INBOX.>"] } } ] }`,
  });
  const env = { ...process.env, NODE_OPTIONS: '', NATS_URL: server.url, NATS_PASSWORD: 's' };
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { cwd: packageFolder, env });
  const { bus } = observedBus(server.url, { user: 'topology-engine', pass: 'e' });
  try {
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    bus.ensureStream();
    let epoch = 0;
    // Told again and again, because the program says nothing when it begins to listen.
    await until(() => {
      epoch += 1;
      bus.publish(openedEvent(epoch));
      return output.includes('primary-opened');
    });
    expect(output).toContain('2026-11-24T10:15:00.212Z mysql.v1.evt.shop.orders.topology.primary-opened');
  } finally {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill();
    await gone;
    await bus.close();
    await server.close();
  }
}, 30_000);
