import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { allEvents } from '@pilotfish/events';
import { checkLeaks } from '@pilotfish/testkit';
import { eventOf, openedEvent } from './test-events.ts';
import { testEnvironment, until } from './test-harness.ts';

checkLeaks({ beforeAll, afterAll });
const { nats, bus, outside } = testEnvironment({ afterEach });

describe('publishing', () => {
  test('what is published while NATS is down is on the stream once it is up, in order', async () => {
    const server = await nats();
    await server.stop();
    const { bus: publisher, counts } = bus(server.url);
    publisher.ensureStream();
    for (const epoch of [1, 2, 3]) publisher.publish(openedEvent(epoch));
    await until(() => publisher.status.problems.length > 0);
    expect(publisher.status).toMatchObject({ connected: false, outbox: 3 });

    await server.start();
    await until(() => publisher.status.outbox === 0);
    const client = await outside(server.url);
    expect(await client.storedIds()).toEqual([1, 2, 3].map((epoch) => openedEvent(epoch).id));
    expect(counts.get('stored')).toBe(3);
    expect(publisher.status).toEqual({ connected: true, outbox: 0, problems: [] });
  });

  test('the same fact told twice is stored once', async () => {
    const server = await nats();
    const { bus: publisher, counts } = bus(server.url);
    publisher.ensureStream();
    publisher.publish(openedEvent(7));
    publisher.publish(openedEvent(7));
    await until(() => publisher.status.outbox === 0);
    const client = await outside(server.url);
    expect(await client.storedIds()).toEqual([openedEvent(7).id]);
    expect(counts.get('duplicate')).toBe(1);
  });

  test('events wait while there is no stream, and those who listen hear them all the same', async () => {
    const server = await nats();
    const { bus: listener } = bus(server.url);
    const heard: number[] = [];
    listener.subscribe(allEvents, (event) => void heard.push((event.data as { epoch: number }).epoch));
    await until(() => listener.status.connected);
    const { bus: publisher, counts } = bus(server.url);
    publisher.publish(openedEvent(1));
    await until(() => heard.includes(1) && (counts.get('retried') ?? 0) > 1);
    expect(publisher.status.outbox).toBe(1);

    publisher.ensureStream();
    await until(() => publisher.status.outbox === 0);
    expect(publisher.status.problems).toEqual([]);
  });

  test('an outage longer than the outbox costs the oldest events that are not critical', async () => {
    const server = await nats();
    await server.stop();
    const { bus: publisher, counts } = bus(server.url, { outboxCapacity: 3 });
    publisher.ensureStream();
    publisher.publish(openedEvent(1));
    for (const generation of [1, 2, 3, 4]) publisher.publish(eventOf('spec-changed', { generation }, generation));
    expect(counts.get('dropped')).toBe(2);
    await server.start();
    await until(() => publisher.status.outbox === 0);
    const client = await outside(server.url);
    expect(await client.storedIds()).toEqual([
      'a-uid:1:primary-opened',
      'a-uid:3:spec-changed',
      'a-uid:4:spec-changed',
    ]);
  });

  test('a server that is killed and started again loses nothing that was published meanwhile', async () => {
    const server = await nats();
    const { bus: publisher } = bus(server.url);
    publisher.ensureStream();
    publisher.publish(openedEvent(1));
    await until(() => publisher.status.outbox === 0);
    await server.stop();
    publisher.publish(openedEvent(2));
    await until(() => !publisher.status.connected);
    publisher.publish(openedEvent(3));
    await server.start();
    await until(() => publisher.status.outbox === 0);
    const client = await outside(server.url);
    expect(await client.storedIds()).toEqual([1, 2, 3].map((epoch) => openedEvent(epoch).id));
  });

  test('closing gives waiting events a moment to leave', async () => {
    const server = await nats();
    const { bus: publisher } = bus(server.url);
    publisher.ensureStream();
    await until(() => publisher.status.connected);
    for (let epoch = 1; epoch <= 200; epoch += 1) publisher.publish(openedEvent(epoch));
    await publisher.close();
    const client = await outside(server.url);
    expect((await client.storedIds()).length).toBe(200);
  });
});
