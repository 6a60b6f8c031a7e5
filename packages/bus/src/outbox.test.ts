import { describe, expect, test } from '@jest/globals';
import { Outbox, type OutboxEntry } from './outbox.ts';
import { eventOf } from './test-events.ts';

const minor = (id: string) => eventOf('spec-changed', { generation: 1 }, id);
const critical = (id: string) => eventOf('failover-held', { reason: 'x', message: '', lifts: '' }, id);

function drain(outbox: Outbox): OutboxEntry[] {
  const entries: OutboxEntry[] = [];
  for (let entry = outbox.take(); entry !== undefined; entry = outbox.take()) entries.push(entry);
  return entries;
}
const idsOf = (entries: readonly OutboxEntry[]) => entries.map((entry) => entry.event.id.split(':')[1]);

describe('the outbox', () => {
  test('gives events back in the order in which they came', () => {
    const outbox = new Outbox(10);
    for (const id of ['1', '2', '3']) outbox.add(minor(id));
    expect(idsOf(drain(outbox))).toEqual(['1', '2', '3']);
  });

  test('drops the oldest event that is not critical when it is full', () => {
    const outbox = new Outbox(3);
    outbox.add(critical('1'));
    outbox.add(minor('2'));
    outbox.add(minor('3'));
    expect(outbox.add(critical('4'))?.id).toContain(':2:');
    expect(idsOf(drain(outbox))).toEqual(['1', '3', '4']);
  });

  test('drops the oldest of all when only critical ones are left', () => {
    const outbox = new Outbox(2);
    for (const id of ['1', '2', '3']) outbox.add(critical(id));
    expect(idsOf(drain(outbox))).toEqual(['2', '3']);
  });

  test('takes put back events up again before later ones', () => {
    const outbox = new Outbox(10);
    for (const id of ['1', '2', '3', '4']) outbox.add(minor(id));
    const [first, second] = [outbox.take(), outbox.take()];
    if (first === undefined || second === undefined) throw new Error('two events were there');
    outbox.settle(first);
    outbox.putBack(second);
    expect(idsOf(drain(outbox))).toEqual(['2', '3', '4']);
    outbox.putAllBack();
    expect(idsOf(drain(outbox))).toEqual(['2', '3', '4']);
  });

  test('counts events that are on their way, so that it stays bounded while nothing is acknowledged', () => {
    const outbox = new Outbox(2);
    outbox.add(minor('1'));
    outbox.take();
    outbox.add(minor('2'));
    expect(outbox.add(minor('3'))).toBeDefined();
    expect(outbox.size).toBe(2);
  });
});
