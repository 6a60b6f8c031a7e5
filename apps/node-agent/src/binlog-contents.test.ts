import { expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { type BinlogContent, chooseBinlogs } from './binlog-contents.ts';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const set = (intervals: string): GtidSet => GtidSet.parse(`${uuid}:${intervals}`);
const log = (name: string, intervals: string, encrypted = false): BinlogContent => {
  return { name, bytes: 1, encrypted, gtids: set(intervals) };
};
const logs = [log('b.1', '1-5'), log('b.2', '6-9'), log('b.3', '10-20', true)];

test('the logs that hold a part of the set are chosen, oldest first', () => {
  expect(chooseBinlogs(logs, set('5-6')).map(({ name }) => name)).toEqual(['b.1', 'b.2']);
  expect(chooseBinlogs(logs, set('7')).map(({ name }) => name)).toEqual(['b.2']);
});

test('a set that is not all there is refused with what is missing', () => {
  expect(() => chooseBinlogs(logs, set('8-9:30-31'))).toThrow(`${uuid}:30-31`);
});

test('what was cut from a log and saved then is in none, and need not be', () => {
  expect(chooseBinlogs(logs, set('8-9:30-31'), set('30-31')).map(({ name }) => name)).toEqual(['b.2']);
  expect(() => chooseBinlogs(logs, set('30-32'), set('30-31'))).toThrow(`${uuid}:32`);
});

test('an encrypted log is refused', () => {
  expect(() => chooseBinlogs(logs, set('12'))).toThrow('b.3 is encrypted');
});
