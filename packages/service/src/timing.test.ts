import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Backoff, fullJitterMs } from './backoff.ts';
import { type Clock, systemClock } from './clock.ts';
import { EventLoopWatch } from './event-loop-watch.ts';
import { createLogger } from './logger.ts';

describe('the system clock', () => {
  test('sleeps until told otherwise', async () => {
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(systemClock.sleep(1, controller.signal)).rejects.toThrow('enough');
    await systemClock.sleep(1);
  });
});

describe('backoff', () => {
  test('never exceeds its cap and grows from its base', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, random) => {
        const ms = fullJitterMs(attempt, { baseMs: 50, capMs: 1000, random: () => random });
        return ms >= 0 && ms <= 1000 && ms <= 50 * 2 ** attempt;
      }),
    );
  });

  test('starts over after a success', () => {
    const backoff = new Backoff({ baseMs: 10, capMs: 1000, random: () => 1 });
    expect([backoff.nextMs(), backoff.nextMs(), backoff.nextMs()]).toEqual([10, 20, 40]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(10);
  });
});

describe('the event loop watch', () => {
  function watch() {
    let nowMs = 0;
    const stalls: number[] = [];
    const clock: Clock = { nowMs: () => nowMs, wall: () => new Date(0), sleep: () => Promise.resolve() };
    const loop = new EventLoopWatch({ clock, onStall: (ms) => stalls.push(ms) });
    const beatAt = (ms: number): void => {
      nowMs = ms;
      loop.beat();
    };
    const passTo = (ms: number): void => {
      nowMs = ms;
    };
    return { loop, stalls, beatAt, passTo };
  }

  test('sees a stall that overlaps the time asked about, and no other', () => {
    const { loop, stalls, beatAt } = watch();
    beatAt(100);
    expect(loop.stalledSince(0)).toBe(false);
    beatAt(900);
    expect(stalls).toEqual([800]);
    expect(loop.stalledSince(50)).toBe(true);
    expect(loop.stalledSince(500)).toBe(true);
    expect(loop.stalledSince(900)).toBe(false);
    loop.close();
  });

  test('sees a stall whose heartbeat has not run yet', () => {
    const { loop, passTo } = watch();
    passTo(501);
    expect(loop.stalledSince(500)).toBe(true);
    loop.close();
  });
});

describe('the log', () => {
  test('is one JSON object a line, with secrets redacted', () => {
    const lines: string[] = [];
    const destination = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const log = createLogger({ service: 'engine', pod: 'engine-0', destination });
    log.info({ endpoint: { host: 'db', password: 'hunter2' }, token: 'x' }, 'connected');
    log.debug('not logged');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      service: 'engine',
      pod: 'engine-0',
      msg: 'connected',
      endpoint: { host: 'db', password: '[redacted]' },
      token: '[redacted]',
    });
  });
});
