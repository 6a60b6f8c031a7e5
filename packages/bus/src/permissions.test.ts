import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@pilotfish/events';
import { checkLeaks } from '@pilotfish/testkit';
import { eventOf, openedEvent } from './test-events.ts';
import { testEnvironment, until } from './test-harness.ts';

checkLeaks({ beforeAll, afterAll });
const { nats, bus } = testEnvironment({ afterEach });

describe('permissions', () => {
  const config = `
    authorization { users: [
      { user: admin, password: a }
      { user: service-syncer, password: b, permissions: {
          publish: ["mysql.v1.evt.*.*.service.>", "mysql.v1.evt.*.*.*.service.>"]
          subscribe: ["mysql.v1.evt.*.*.topology.primary-opened", "_INBOX_service-syncer.>"] } } ] }`;
  const admin = { user: 'admin', pass: 'a' };
  const syncer = { user: 'service-syncer', pass: 'b' };

  test('an event that may not be published is refused and reported, and the next ones go on', async () => {
    const server = await nats({ config });
    const { bus: engine } = bus(server.url, admin);
    engine.ensureStream();
    await until(() => engine.status.connected);
    const { bus: publisher, counts } = bus(server.url, syncer);
    publisher.publish(openedEvent(1));
    await until(() => counts.get('refused') === 1);
    expect(publisher.status.problems.join()).toContain('primary-opened was refused');
    publisher.publish(eventOf('write-endpoint-moved', { primary: 'orders-mysql-1', epoch: 1, delayMs: 4 }));
    await until(() => counts.get('stored') === 1);
  });

  test('a subscription that is not permitted is reported, the permitted one works', async () => {
    const server = await nats({ config });
    const { bus: listener } = bus(server.url, syncer);
    const heard: DomainEvent[] = [];
    listener.subscribe('mysql.v1.evt.>', (event) => void heard.push(event));
    listener.subscribe('mysql.v1.evt.*.*.topology.primary-opened', (event) => void heard.push(event));
    await until(() => listener.status.problems.some((problem) => problem.includes('may not subscribe')));
    const { bus: engine } = bus(server.url, admin);
    engine.publish(openedEvent(1));
    await until(() => heard.length > 0);
  });

  test('a wrong password is reported and is no end: the right one is taken up at the next attempt', async () => {
    const server = await nats({ config });
    let pass = 'wrong';
    const { bus: publisher } = bus(server.url, { user: 'admin', pass: () => pass });
    await until(() => publisher.status.problems.some((problem) => problem.includes('Authorization')));
    pass = 'a';
    await until(() => publisher.status.connected);
    expect(publisher.status.problems).toEqual([]);
  });
});
