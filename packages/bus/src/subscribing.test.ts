import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, headers } from '@nats-io/transport-node';
import { allEvents, eventHeaders } from '@pilotfish/events';
import { checkLeaks } from '@pilotfish/testkit';
import { openedEvent } from './test-events.ts';
import { testEnvironment, until } from './test-harness.ts';

checkLeaks({ beforeAll, afterAll });
const { nats, bus, closeAfterTest } = testEnvironment({ afterEach });

describe('subscribing', () => {
  test('survives a restart of the server', async () => {
    const server = await nats();
    const { bus: listener } = bus(server.url);
    const heard: string[] = [];
    listener.subscribe('mysql.v1.evt.*.*.topology.primary-opened', (event) => void heard.push(event.id));
    const { bus: publisher } = bus(server.url);
    publisher.ensureStream();
    await until(() => listener.status.connected);
    publisher.publish(openedEvent(1));
    await until(() => heard.includes(openedEvent(1).id));
    await server.stop();
    await until(() => !listener.status.connected && !publisher.status.connected);
    await server.start();
    await until(() => listener.status.connected);
    // What is published before the server has its subscription again, a moment after its connection, is not for it.
    let next = 2;
    await until(() => {
      publisher.publish(openedEvent(next));
      next += 1;
      return heard.some((id) => id !== openedEvent(1).id);
    });
  });

  test('what is no event is counted, logged once and ignored; a handler that fails stops nothing', async () => {
    const server = await nats({ config: 'max_payload: 16MB\nmax_pending: 64MB' });
    const { bus: listener, counts, lines } = bus(server.url);
    const heard: string[] = [];
    listener.subscribe(allEvents, (event) => {
      heard.push(event.id);
      if (heard.length === 1) throw new Error('handler is broken');
      return heard.length === 2 ? Promise.reject(new Error('handler is broken later')) : undefined;
    });
    await until(() => listener.status.connected);
    const client = await connect({ servers: server.url });
    closeAfterTest(() => client.close());
    const event = openedEvent(1);
    const good = headers();
    for (const [name, value] of Object.entries(eventHeaders(event))) good.set(name, value);

    client.publish(event.subject, 'not json', { headers: good });
    client.publish(event.subject, JSON.stringify({ primary: 5 }), { headers: good });
    client.publish(event.subject, new Uint8Array(10_000_000), { headers: good });
    client.publish(event.subject, JSON.stringify(event.data));
    client.publish('mysql.v1.evt.shop.OR$DERS.topology.primary-opened', '{}', { headers: good });
    client.publish('mysql.v1.evt.shop.orders.topology.from-the-future', '{}', { headers: good });
    for (let index = 0; index < 3; index += 1)
      client.publish(event.subject, JSON.stringify(event.data), { headers: good });
    await until(() => counts.get('handled') === 1);

    expect(Object.fromEntries(counts)).toEqual({
      MalformedPayload: 2,
      TooLarge: 1,
      MalformedHeaders: 1,
      MalformedSubject: 1,
      UnknownEvent: 1,
      failed: 2,
      handled: 1,
    });
    const ignored = lines.filter((line) => line.message === 'message that is no event was ignored');
    expect(ignored.map((line) => (line.fields as { kind: string }).kind).sort()).toEqual([
      'MalformedHeaders',
      'MalformedPayload',
      'MalformedSubject',
      'TooLarge',
    ]);
  });

  test('a closed subscription hears nothing more', async () => {
    const server = await nats();
    const { bus: listener, counts } = bus(server.url);
    const subscription = listener.subscribe(allEvents, () => undefined);
    const { bus: publisher } = bus(server.url);
    publisher.ensureStream();
    await until(() => listener.status.connected);
    publisher.publish(openedEvent(1));
    await until(() => counts.get('handled') === 1);
    subscription.close();
    publisher.publish(openedEvent(2));
    await until(() => publisher.status.outbox === 0);
    expect(counts.get('handled')).toBe(1);
  });
});
