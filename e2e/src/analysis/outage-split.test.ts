import { describe, expect, test } from '@jest/globals';
import { medianSplit, splitOutage } from './outage-split.ts';

describe('the shares of an outage', () => {
  test('follow the way of a new primary to its clients', () => {
    const stations = {
      silentMs: 1000,
      openedMs: 1150,
      labelledMs: 1170,
      slicedMs: 1200,
      sentMs: 1270,
      acknowledgedMs: 1290,
    };
    expect(splitOutage(stations)).toEqual({ engine: 150, label: 20, endpointSlice: 30, proxy: 70, write: 20 });
  });

  test('add up to the outage when the label came first, as in a switchover', () => {
    const stations = {
      silentMs: 1000,
      openedMs: 1050,
      labelledMs: 700,
      slicedMs: 720,
      sentMs: 1030,
      acknowledgedMs: 1080,
    };
    expect(splitOutage(stations)).toEqual({ engine: 50, label: 0, endpointSlice: 0, proxy: 0, write: 30 });
  });

  test('count nothing twice when a client was there before the news of a station', () => {
    const stations = {
      silentMs: 1000,
      openedMs: 1050,
      labelledMs: 1400,
      slicedMs: 1500,
      sentMs: 1060,
      acknowledgedMs: 1080,
    };
    expect(splitOutage(stations)).toEqual({ engine: 50, label: 30, endpointSlice: 0, proxy: 0, write: 0 });
  });

  test('have a median each', () => {
    const one = { engine: 1, label: 10, endpointSlice: 5, proxy: 0, write: 7 };
    const other = { engine: 3, label: 20, endpointSlice: 5, proxy: 100, write: 9 };
    expect(medianSplit([one, other, one])).toEqual(one);
    expect(medianSplit([])).toBeUndefined();
  });
});
