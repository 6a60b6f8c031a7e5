import { describe, expect, test } from '@jest/globals';
import type { WriteOutcome, WriteRecord } from '../load-client/write-record.ts';
import { decodeRecord, encodeRecord } from '../load-client/write-record.ts';
import { compareWithTable } from './losses.ts';
import { firstSentMs, handOvers, median, outageAfter } from './outages.ts';
import { twoWritableMs } from './two-writable.ts';

let seq = 0;

function write(server: string, endedMs: number, outcome: WriteOutcome = 'acknowledged', tookMs = 2): WriteRecord {
  seq += 1;
  const error = outcome === 'acknowledged' ? '' : '1290';
  return { client: 0, seq, startedMs: endedMs - tookMs, endedMs, outcome, server, error };
}

/** Acknowledged writes of one server, one each 10 ms. */
function steady(server: string, fromMs: number, toMs: number): WriteRecord[] {
  return Array.from({ length: (toMs - fromMs) / 10 + 1 }, (_, index) => write(server, fromMs + index * 10));
}

describe('the outage after a fault', () => {
  test('is the silence between the last acknowledgement before and the first after', () => {
    const records = [...steady('a', 0, 1000), write('', 1100, 'refused'), ...steady('b', 1450, 2000)];
    expect(outageAfter(records, 1005)).toEqual({ outageMs: 450, endedMs: 1450 });
  });

  test('counts from the last acknowledgement, even when some came after the fault', () => {
    const records = [...steady('a', 0, 1000), ...steady('b', 1450, 2000)];
    expect(outageAfter(records, 900).outageMs).toBe(450);
  });

  test('does not depend on the order of the records', () => {
    const records = [...steady('b', 1450, 2000), ...steady('a', 0, 1000)];
    expect(outageAfter(records, 1005).outageMs).toBe(450);
  });

  test('ignores silences that were over before the fault, and those of a later fault', () => {
    const records = [
      ...steady('a', 0, 100),
      ...steady('a', 900, 1000),
      ...steady('b', 1200, 2000),
      ...steady('b', 5000, 5100),
    ];
    expect(outageAfter(records, 1005, 1900).outageMs).toBe(200);
  });

  test('is endless when nothing was acknowledged after the fault', () => {
    expect(outageAfter(steady('a', 0, 1000), 1005).outageMs).toBe(Number.POSITIVE_INFINITY);
    expect(outageAfter([], 5).outageMs).toBe(Number.POSITIVE_INFINITY);
  });
});

test('the new primary was reached by the first write that was sent to it in the silence, also by one that it refused', () => {
  const refused = write('b', 1300, 'refused', 5);
  const records = [write('b', 900, 'refused'), ...steady('a', 0, 1000), refused, ...steady('b', 1450, 2000)];
  expect(firstSentMs(records, outageAfter(records, 1005))).toBe(1295);
  const others = records.filter((record) => record !== refused);
  expect(firstSentMs(others, outageAfter(others, 1005))).toBe(1448);
});

test('hand-overs are the changes of the acknowledging server', () => {
  const records = [...steady('a', 0, 100), ...steady('b', 180, 300), ...steady('a', 350, 400)];
  expect(handOvers(records)).toEqual([
    { atMs: 180, from: 'a', to: 'b', outageMs: 80 },
    { atMs: 350, from: 'b', to: 'a', outageMs: 50 },
  ]);
});

test('the median of an even number of values is the mean of the two in the middle', () => {
  expect(median([4, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

describe('two writable servers', () => {
  test('are not seen when one takes over from the other', () => {
    expect(twoWritableMs([...steady('a', 0, 1000), ...steady('b', 1030, 2000), ...steady('a', 2050, 3000)])).toBe(0);
  });

  test('count for as long as both acknowledge', () => {
    const overlap = twoWritableMs([...steady('a', 0, 1500), ...steady('b', 1000, 2000)]);
    expect(overlap).toBeGreaterThan(480);
    expect(overlap).toBeLessThanOrEqual(500);
  });

  test('are not seen in an answer that arrives late', () => {
    expect(
      twoWritableMs([...steady('a', 0, 1000), write('a', 1100, 'acknowledged', 200), ...steady('b', 1030, 2000)]),
    ).toBe(0);
  });

  test('are seen in a single stray acknowledgement long after the take-over', () => {
    expect(twoWritableMs([...steady('a', 0, 1000), ...steady('b', 1030, 20_000), write('a', 15_000)])).toBe(1);
  });

  test('are not seen in refusals', () => {
    expect(twoWritableMs([...steady('a', 0, 1000), ...steady('b', 1030, 20_000), write('a', 15_000, 'refused')])).toBe(
      0,
    );
  });
});

test('an acknowledged write that is not in the table is lost; others that are there are only counted', () => {
  const records: WriteRecord[] = [
    { client: 1, seq: 1, startedMs: 0, endedMs: 1, outcome: 'acknowledged', server: 'a', error: '' },
    { client: 1, seq: 2, startedMs: 0, endedMs: 1, outcome: 'acknowledged', server: 'a', error: '' },
    { client: 1, seq: 3, startedMs: 0, endedMs: 1, outcome: 'refused', server: 'a', error: '1053' },
    { client: 1, seq: 4, startedMs: 0, endedMs: 1, outcome: 'unknown', server: 'a', error: 'TIMEOUT' },
    { client: 1, seq: 5, startedMs: 0, endedMs: 1, outcome: 'unknown', server: 'a', error: 'TIMEOUT' },
  ];
  expect(compareWithTable(records, new Set(['1:1', '1:3', '1:5']))).toEqual({
    acknowledged: 2,
    refused: 1,
    unknown: 2,
    lost: ['1:2'],
    refusedButPresent: 1,
    unknownButPresent: 1,
  });
});

test('a record survives its encoding', () => {
  const record = write('a', 1234.5, 'unknown');
  expect(decodeRecord(encodeRecord(record))).toEqual(record);
  expect(() => decodeRecord('[1,2]')).toThrow('Not a write record');
});
