import { describe, expect, test } from '@jest/globals';
import { dropsOf } from './calm-network.ts';
import { ClosenessWatch, doubtsIn, plansIn } from './calm-watch.ts';

const at = (ms: number): string => new Date(ms).toISOString();

describe('how near an engine came to a failover', () => {
  test('is the longest silence of each observer since the beginning, and the most witnesses', () => {
    const looked = (ms: number, engine: number, witnesses: number): string =>
      JSON.stringify({
        time: at(ms),
        msg: 'looked',
        witnesses,
        silences: [
          { observer: 'engine', silentMs: engine, limitMs: 1_500 },
          { observer: 'db-1', silentMs: 40, limitMs: 1_300 },
        ],
      });
    const watch = new ClosenessWatch(1_000);
    const stall = JSON.stringify({ time: at(1_500), msg: 'this process stood still', ms: 600 });
    watch.read([looked(900, 9_000, 2), looked(1_100, 700, 0), stall, 'not JSON'].join('\n'));
    watch.read([looked(1_100, 700, 0), stall, looked(1_200, 1_600, 1), looked(1_300, 20, 0)].join('\n'));
    expect(watch.silences).toEqual([
      { observer: 'db-1', longestMs: 40, limitMs: 1_300 },
      { observer: 'engine', longestMs: 1_600, limitMs: 1_500 },
    ]);
    expect(watch.witnesses).toBe(1);
    expect(watch.stalls).toBe(1);
  });

  test('is what its journal says: plans that were begun, and how long it doubted', () => {
    const entry = (ms: number, state: string, more: object = {}, ended?: object): string =>
      JSON.stringify({ at: at(ms), decision: { state, ...more }, ...(ended && { ended }) });
    const suspected = { hold: { reason: 'PrimarySuspected' } };
    const failover = { plan: { kind: 'failover' } };
    const journal = [
      entry(100, 'PrimaryDead', failover),
      entry(200, 'PrimarySuspected', suspected),
      entry(1_200, 'PrimaryHealthy'),
      entry(2_000, 'PrimarySuspected', suspected),
      entry(2_400, 'PrimaryDead', failover),
      entry(2_500, 'PrimaryDead', failover, { ok: true }),
      entry(2_600, 'PrimaryHealthy'),
      entry(9_000, 'PrimaryDead', failover),
    ].join('\n');
    expect(plansIn(journal, 1_000, 5_000)).toEqual({ failover: 1 });
    expect(doubtsIn(journal, 1_000, 5_000)).toEqual([
      { state: 'PrimarySuspected', hold: 'PrimarySuspected', times: 2, longestMs: 400 },
      { state: 'PrimaryDead', hold: '', times: 2, longestMs: 100 },
    ]);
  });
});

test('lost packets are counted by the kernel', () => {
  const listing = `Chain INPUT (policy ACCEPT 12 packets, 900 bytes)
    pkts      bytes target     prot opt in     out     source               destination
     760    99000 DROP       0    --  *      *       0.0.0.0/0            10.77.0.0/24         statistic mode random probability 0.05
   14740  1900000 ACCEPT     0    --  *      *       0.0.0.0/0            10.77.0.0/24
`;
  expect(dropsOf(listing)).toEqual({ dropped: 760, passed: 14_740 });
});
