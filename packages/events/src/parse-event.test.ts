import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createEvent, eventHeaders } from './envelope.ts';
import { parseEvent } from './parse-event.ts';

const event = createEvent({
  name: 'role-changed',
  source: { service: 'service-syncer', pod: 'syncer-0' },
  cluster: { namespace: 'shop', name: 'orders', uid: 'a-uid' },
  occurrence: { sequence: 4 },
  time: new Date('2026-11-24T10:15:00.212Z'),
  data: { instance: 'orders-mysql-1', role: 'master', previous: 'replica' },
});
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

interface Message {
  subject: string;
  headers: Map<string, string> | undefined;
  body: Uint8Array;
}

function message(change: (good: Message & { headers: Map<string, string> }) => Partial<Message> = () => ({})): Message {
  const good = {
    subject: event.subject,
    headers: new Map(Object.entries(eventHeaders(event))),
    body: encode(event.data),
  };
  return { ...good, ...change(good) };
}

const bodyOf = (value: unknown) => message(() => ({ body: encode(value) }));
const headerOf = (name: string, value: string) =>
  message(({ headers }) => ({ headers: new Map(headers).set(name, value) }));

describe('parseEvent', () => {
  test('reads a good message', () => {
    const { subject, headers, body } = message();
    expect(parseEvent(subject, headers, body)).toEqual({ ok: true, event: { ...event } });
  });

  test('ignores fields of a newer version', () => {
    const { subject, headers, body } = bodyOf({ ...event.data, colour: 'blue', nested: { a: 1 } });
    expect(parseEvent(subject, headers, body)).toEqual({ ok: true, event: { ...event } });
  });

  test.each([
    ['a body of 10 MB', message(() => ({ body: new Uint8Array(10_000_000) })), 'TooLarge'],
    ['a subject outside the tree', message(() => ({ subject: '$SYS.ACCOUNT.x' })), 'MalformedSubject'],
    [
      'an event of a newer version',
      message(() => ({ subject: 'mysql.v1.evt.shop.orders.topology.new' })),
      'UnknownEvent',
    ],
    ['no headers', message(() => ({ headers: undefined })), 'MalformedHeaders'],
    ['another specversion', headerOf('ce-specversion', '2.0'), 'MalformedHeaders'],
    ['a type of another event', headerOf('ce-type', 'dev.pilotfish.service.health-changed.v1'), 'MalformedHeaders'],
    ['a subject attribute of another cluster', headerOf('ce-subject', 'shop/other/orders-mysql-1'), 'MalformedHeaders'],
    ['an id without end', headerOf('ce-id', 'x'.repeat(100_000)), 'MalformedHeaders'],
    ['no source', headerOf('ce-source', ''), 'MalformedHeaders'],
    ['nonsense for a time', headerOf('ce-time', 'soon'), 'MalformedHeaders'],
    ['an empty body', message(() => ({ body: new Uint8Array() })), 'MalformedPayload'],
    ['broken UTF-8', message(() => ({ body: Uint8Array.of(0x22, 0xff, 0x22) })), 'MalformedPayload'],
    ['a list', bodyOf([event.data]), 'MalformedPayload'],
    ['a missing field', bodyOf({ instance: 'orders-mysql-1', role: 'master' }), 'MalformedPayload'],
    ['an unknown role', bodyOf({ ...event.data, role: 'boss' }), 'MalformedPayload'],
    ['another instance than the subject', bodyOf({ ...event.data, instance: 'orders-mysql-2' }), 'MalformedPayload'],
    ['a hostile instance', bodyOf({ ...event.data, instance: '../../x' }), 'MalformedPayload'],
  ] as const)('%s is a problem: %#', (_what, { subject, headers, body }, kind) => {
    const result = parseEvent(subject, headers, body);
    expect(result).toMatchObject({ ok: false, problem: { kind } });
    if (!result.ok) expect(result.problem.message.length).toBeLessThan(200);
  });

  test('never throws, whatever arrives', () => {
    const payload = fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => new TextEncoder().encode(json)),
    );
    const subject = fc.oneof(fc.constant(event.subject), fc.string());
    const headers = fc
      .dictionary(fc.string(), fc.string())
      .map((extra) => new Map([...Object.entries(eventHeaders(event)), ...Object.entries(extra)]));
    fc.assert(
      fc.property(subject, headers, payload, (...wire) => {
        expect(typeof parseEvent(...wire).ok).toBe('boolean');
      }),
    );
  });
});
