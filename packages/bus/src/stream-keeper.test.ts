import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventStream } from '@pilotfish/events';
import { checkLeaks } from '@pilotfish/testkit';
import { openedEvent } from './test-events.ts';
import { testEnvironment, until } from './test-harness.ts';

checkLeaks({ beforeAll, afterAll });
const { nats, bus, outside } = testEnvironment({ afterEach });

describe('the stream', () => {
  test('is made with its limits, is left alone when it is right, and is changed when it is not', async () => {
    const server = await nats();
    const { bus: engine, lines } = bus(server.url);
    const changes = () => lines.flatMap(({ fields }) => ('change' in fields ? [fields.change] : []));
    engine.ensureStream({ maxBytes: 1_000_000 });
    await until(() => changes().length === 1);
    const client = await outside(server.url);
    const { config } = await client.manager.streams.info(eventStream.name);
    expect(config).toMatchObject({
      subjects: ['mysql.v1.evt.>'],
      storage: 'file',
      discard: 'old',
      max_age: 7 * 86_400e9,
      max_bytes: 1_000_000,
      duplicate_window: 120e9,
    });

    const { bus: second, lines: secondLines } = bus(server.url);
    second.ensureStream({ maxBytes: 1_000_000 });
    second.publish(openedEvent(1));
    await until(() => second.status.outbox === 0);
    expect(secondLines.filter(({ fields }) => 'change' in fields)).toEqual([]);

    engine.ensureStream({ maxBytes: 2_000_000 });
    await until(() => changes().length === 2);
    expect(changes()).toEqual(['created', 'updated']);
    expect((await client.manager.streams.info(eventStream.name)).config.max_bytes).toBe(2_000_000);
  });

  test('is made again when somebody deleted it', async () => {
    const server = await nats();
    const { bus: engine } = bus(server.url);
    engine.ensureStream();
    engine.publish(openedEvent(1));
    await until(() => engine.status.outbox === 0);
    const client = await outside(server.url);
    await client.manager.streams.delete(eventStream.name);
    engine.publish(openedEvent(2));
    await until(() => engine.status.outbox === 0);
    expect(await client.storedIds()).toEqual([openedEvent(2).id]);
  });

  test('that does not fit the storage is reported, and made when it is asked to be smaller', async () => {
    const server = await nats();
    const { bus: engine } = bus(server.url);
    engine.ensureStream({ maxBytes: 1e15 });
    await until(() => engine.status.problems.some((problem) => problem.includes('cannot be set up')));
    engine.ensureStream({ maxBytes: 1_000_000 });
    await until(() => engine.status.problems.length === 0);
  });
});
