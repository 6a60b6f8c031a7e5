import { expect, test } from '@jest/globals';
import { phasesOf } from './plan-phases.ts';

const at = (ms: number): string => new Date(ms).toISOString();
const step = (ms: number, name: string): string => JSON.stringify({ time: at(ms), msg: 'plan step', step: name });

test('each phase ends with its step, and what is left is until the first write', () => {
  const log = [
    JSON.stringify({ time: at(900), msg: 'plan starts' }),
    'not JSON',
    JSON.stringify({ time: at(1_070), msg: 'plan starts' }),
    step(1_075, 'record-epoch'),
    step(1_090, 'stop-receivers'),
    step(1_091, 'choose'),
    step(1_092, 'drain'),
    step(1_096, 'record-ack-set'),
    step(1_110, 'promote'),
    step(1_115, 'publish'),
    step(1_500, 'settle'),
  ].join('\n');
  expect(phasesOf(log, 1_000, 1_150)).toEqual({
    detect: 70,
    fence: 20,
    choose: 1,
    drain: 5,
    promote: 14,
    publish: 40,
  });
});
