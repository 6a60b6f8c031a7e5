import { describe, expect, test } from '@jest/globals';
import type { WriteRecord } from '../load-client/write-record.ts';
import { type Sighting, unexplainedSilences, untoldHolds } from './explanations.ts';

function acknowledged(endedMs: number): WriteRecord {
  return { client: 0, seq: endedMs, startedMs: endedMs - 2, endedMs, outcome: 'acknowledged', server: 'a', error: '' };
}

function sighting(atMs: number, said: Partial<Sighting> = {}): Sighting {
  const nothing = { operation: undefined, hold: undefined, troubles: [] };
  return { atMs, epoch: 1, primary: 'a', writable: true, ...nothing, ...said };
}

const hold = { reason: 'NoCandidate', message: 'nobody is fit' };

describe('silences of the clients', () => {
  const records = [acknowledged(0), acknowledged(5_000), acknowledged(6_000)];

  test('are unexplained when they last and the status says nothing', () => {
    expect(unexplainedSilences(records, [sighting(-100)])).toEqual([{ fromMs: 0, toMs: 5_000 }]);
  });

  test.each([
    ['a hold', { hold }],
    ['an operation', { operation: { what: 'failover switching', engine: 'e', to: 'b' } }],
    ['trouble of the primary', { troubles: [{ name: 'a', state: 'Broken', message: 'its volume is full' }] }],
  ])('are explained by %s, also one that was said before they began', (_, said) => {
    expect(unexplainedSilences(records, [sighting(-100), sighting(1_000, said), sighting(1_200)])).toEqual([]);
    expect(unexplainedSilences(records, [sighting(-100, said)])).toEqual([]);
  });

  test('are not explained by what was over before, came after, or concerns another instance', () => {
    const troubles = [{ name: 'b', state: 'Unreachable', message: 'its server does not answer' }];
    const sightings = [
      sighting(-200, { hold }),
      sighting(-100),
      sighting(1_000, { troubles }),
      sighting(5_500, { hold }),
    ];
    expect(unexplainedSilences(records, sightings)).toHaveLength(1);
  });
});

describe('holds', () => {
  test('that last must be told of by an event', () => {
    const sightings = [sighting(0, { hold }), sighting(500, { hold }), sighting(2_000)];
    expect(untoldHolds(sightings, ['FailoverHeld: reason: TooFewWitnesses'])).toEqual(['NoCandidate']);
    expect(untoldHolds(sightings, ['FailoverHeld: reason: NoCandidate'])).toEqual([]);
  });

  test('that pass at once, or are still there for a moment only, need none', () => {
    expect(untoldHolds([sighting(0, { hold }), sighting(500)], [])).toEqual([]);
  });
});
