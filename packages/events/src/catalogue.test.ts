import { describe, expect, test } from '@jest/globals';
import { catalogue } from './catalogue.ts';
import { createEvent, eventHeaders, maxEventBytes } from './envelope.ts';
import { namePattern } from './fields.ts';
import { parseEvent } from './parse-event.ts';

const source = { service: 'topology-engine', pod: 'engine-0' };
const cluster = { namespace: 'shop', name: 'orders', uid: 'a-uid' };

function eventOf(row: (typeof catalogue)[number]) {
  const data = row.example as never;
  return createEvent({ name: row.name, source, cluster, occurrence: { sequence: 4 }, time: new Date(0), data });
}

describe('the catalogue', () => {
  test('has each name once and every name is a token of a subject', () => {
    const names = catalogue.map((row) => row.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !namePattern.test(name))).toEqual([]);
  });

  test.each(catalogue.map((row) => [row.name, row] as const))('%s: its example survives the wire', (_name, row) => {
    const event = eventOf(row);
    const headers = new Map(Object.entries(eventHeaders(event)));
    const result = parseEvent(event.subject, headers, new TextEncoder().encode(JSON.stringify(event.data)));
    expect(result).toEqual({ ok: true, event: { ...event } });
  });

  test('clips long texts instead of refusing the event, so that every event fits the wire', () => {
    const event = createEvent({
      name: 'errant-saved',
      source,
      cluster,
      occurrence: { sequence: 1 },
      time: new Date(0),
      data: { instance: 'orders-mysql-0', gtids: 'é'.repeat(1_000_000), path: '\u0000'.repeat(1_000_000) },
    });
    expect(new TextEncoder().encode(JSON.stringify(event.data)).byteLength).toBeLessThanOrEqual(maxEventBytes);
  });

  test('gives the same fact the same id, and a recurring one an id of its own', () => {
    const [row] = catalogue.filter(({ name }) => name === 'instance-state-changed');
    if (row === undefined) throw new Error('no such event');
    const first = eventOf(row);
    expect(eventOf(row).id).toBe(first.id);
    expect(first.id).toBe('a-uid:4:instance-state-changed:orders-mysql-0');
    const again = createEvent({
      name: 'instance-state-changed',
      source,
      cluster,
      occurrence: { sequence: 4, transitionTime: '2026-11-24T10:15:00Z' },
      time: new Date(0),
      data: row.example as never,
    });
    expect(again.id).toBe(`${first.id}:2026-11-24T10:15:00Z`);
  });
});
