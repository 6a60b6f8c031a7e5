import { describe, expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import { Controller, type Reconcile, ReconcileDeadlineError } from './controller.ts';
import { done, requeueAfter, TerminalError } from './reconcile-result.ts';
import { quietLogger } from './testing/quiet-logger.ts';

function running(
  reconcile: Reconcile,
  options: { concurrency?: number; deadlineMs?: number; spacingMs?: number } = {},
) {
  const clock = new ManualClock();
  const controller = new Controller({ name: 'test', reconcile, logger: quietLogger, clock, ...options });
  const stop = new AbortController();
  const ended = controller.run(stop.signal);
  return {
    clock,
    controller,
    close: async () => {
      stop.abort(new Error('shutdown'));
      await ended;
    },
  };
}

describe('a controller', () => {
  test('runs a key again that changed while it was reconciled, and never twice at a time', async () => {
    let runs = 0;
    let atOnce = 0;
    let release: () => void = () => undefined;
    const { controller, clock, close } = running(
      async () => {
        runs += 1;
        atOnce += 1;
        expect(atOnce).toBe(1);
        if (runs === 1) {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
        atOnce -= 1;
        return done;
      },
      { concurrency: 4 },
    );
    controller.add('a');
    await clock.advance(0);
    expect(runs).toBe(1);
    controller.add('a');
    controller.add('a');
    release();
    await clock.advance(0);
    expect(runs).toBe(2);
    await close();
    expect(runs).toBe(2);
  });

  test('reconciles a burst of changes at once, and a second time when the spacing is over', async () => {
    const at: number[] = [];
    const { controller, clock, close } = running(
      () => {
        at.push(clock.nowMs());
        return Promise.resolve(done);
      },
      { spacingMs: 1_000 },
    );
    const beganMs = clock.nowMs();
    for (let change = 0; change < 5; change += 1) {
      controller.add('a');
      await clock.advance(100);
    }
    await clock.advance(5_000);
    expect(at.map((ms) => ms - beganMs)).toEqual([0, 1_000]);
    controller.add('a');
    await clock.advance(0);
    expect(at).toHaveLength(3);
    await close();
  });

  test('looks again after the time a reconcile asks for', async () => {
    const at: number[] = [];
    const { controller, clock, close } = running(() => {
      at.push(clock.nowMs());
      return Promise.resolve(at.length === 1 ? requeueAfter(30_000) : done);
    });
    controller.add('a');
    await clock.advance(0);
    expect(at).toEqual([0]);
    await clock.advance(30_000);
    expect(at).toEqual([0, 30_000]);
    await close();
  });

  test('takes no delay that is no number', () => {
    expect(() => requeueAfter(Number.NaN)).toThrow(RangeError);
    expect(() => requeueAfter(-1)).toThrow(RangeError);
  });

  test('retries what fails with growing delays, and tells the reconcile how often it failed', async () => {
    const seen: [number, number][] = [];
    const { controller, clock, close } = running((_key, { failures }) => {
      seen.push([clock.nowMs(), failures]);
      return seen.length < 4 ? Promise.reject(new Error('not yet')) : Promise.resolve(done);
    });
    controller.add('a');
    await clock.advance(10_000);
    expect(seen).toEqual([
      [0, 0],
      [50, 1],
      [150, 2],
      [350, 3],
    ]);
    await close();
  });

  test('does not retry a terminal error', async () => {
    let runs = 0;
    const { controller, clock, close } = running(() => {
      runs += 1;
      return Promise.reject(new TerminalError('the spec makes no sense'));
    });
    controller.add('a');
    await clock.advance(600_000);
    expect(runs).toBe(1);
    await close();
  });

  test('aborts a reconcile at its deadline and retries it', async () => {
    let late: (reason: unknown) => void = () => undefined;
    const reason = new Promise((resolve) => {
      late = resolve;
    });
    let runs = 0;
    const { controller, clock, close } = running(
      (_key, { signal }) => {
        runs += 1;
        if (runs > 1) return Promise.resolve(done);
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
            late(signal.reason);
          });
        });
      },
      { deadlineMs: 5 },
    );
    controller.add('a');
    expect(await reason).toBeInstanceOf(ReconcileDeadlineError);
    await clock.advance(50);
    expect(runs).toBe(2);
    await close();
  });

  test('aborts what runs at shutdown and waits for it', async () => {
    let ended = false;
    const { controller, clock, close } = running(
      (_key, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            ended = true;
            reject(signal.reason as Error);
          });
        }),
    );
    controller.add('a');
    await clock.advance(0);
    await close();
    expect(ended).toBe(true);
  });
});
