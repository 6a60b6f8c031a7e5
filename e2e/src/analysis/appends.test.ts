import { describe, expect, test } from '@jest/globals';
import type { ListRecord } from '../load-client/append-record.ts';
import { listDigest } from '../load-client/list-digest.ts';
import type { WriteOutcome } from '../load-client/write-record.ts';
import { compareWithLists } from './appends.ts';

function append(value: string, outcome: WriteOutcome = 'acknowledged', list = 0): ListRecord {
  return { kind: 'append', list, value, outcome, server: 'a', error: '', atMs: 0 };
}

function reading(text: string, list = 0): ListRecord {
  return { kind: 'reading', list, length: text.length, digest: listDigest(text), tail: text, server: 'a', atMs: 0 };
}

const lists = new Map([
  [0, '1.0,2.0,1.1,'],
  [1, ''],
]);

describe('lists that were appended to', () => {
  test('are whole when all that was acknowledged is there and each reading began them', () => {
    const records = [append('1.0'), append('2.0', 'unknown'), append('1.1'), append('1.2', 'unknown')];
    const readings = [reading(''), reading('1.0,'), reading('1.0,2.0,1.1,'), reading('', 1)];
    const found = compareWithLists([...records, ...readings], lists);
    expect(found).toEqual({ acknowledged: 2, readings: 4, lost: [], duplicated: [], forked: [] });
  });

  test('have lost what was acknowledged and is not in its own list', () => {
    expect(compareWithLists([append('3.0'), append('1.0', 'acknowledged', 1)], lists).lost).toEqual(['3.0', '1.0']);
  });

  test('have duplicated what they hold twice', () => {
    expect(compareWithLists([], new Map([[0, '1.0,2.0,1.0,']])).duplicated).toEqual(['1.0']);
  });

  test.each([
    ['in another order', '2.0,1.0,'],
    ['with what is not there any more', '1.0,3.0,'],
    ['longer than they ended', '1.0,2.0,1.1,1.2,'],
  ])('have forked when they were read %s', (_, text) => {
    expect(compareWithLists([reading(text)], lists).forked).toHaveLength(1);
  });
});
