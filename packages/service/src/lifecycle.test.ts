import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { Health } from './health.ts';
import { backgroundTask, type Component, runService } from './lifecycle.ts';
import { createLogger } from './logger.ts';

class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

function recorded(name: string, log: string[], extra: Partial<Component> = {}): Component {
  return {
    name,
    start: () => {
      log.push(`start ${name}`);
    },
    stop: () => {
      log.push(`stop ${name}`);
    },
    ...extra,
  };
}

function service(components: Component[], preStopDelayMs = 0) {
  const proc = new FakeProcess();
  const health = new Health();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const ended = runService({ name: 'test', logger, health, components, preStopDelayMs, process: proc });
  return { proc, health, ended, ready: async () => (await health.readiness()).ok };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

describe('a service', () => {
  test('starts its components in order and stops them in reverse on SIGTERM', async () => {
    const log: string[] = [];
    const { proc, ended, ready } = service([recorded('a', log), recorded('b', log)]);
    await until(ready);
    proc.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(proc.exits).toEqual([0]);
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(proc.eventNames()).toEqual([]);
  });

  test('is ready only between start and stop, and turns red before anything stops', async () => {
    const seen: (string | null | undefined)[] = [];
    const look: Component = {
      name: 'look',
      start: async () => {
        seen.push((await health.readiness()).checks.lifecycle);
      },
      stop: async () => {
        seen.push((await health.readiness()).checks.lifecycle);
      },
    };
    const { health, proc, ended, ready } = service([look], 5);
    await until(ready);
    proc.emit('SIGINT');
    await ended;
    expect(seen).toEqual(['starting', 'stopping']);
  });

  test('aborts the signal of a component only when its turn to stop has come', async () => {
    const signals: AbortSignal[] = [];
    const states: boolean[][] = [];
    const keep = (): Component => ({
      name: `c${signals.length}`,
      start: (signal) => {
        signals.push(signal);
      },
      stop: () => {
        states.push(signals.map((signal) => signal.aborted));
      },
    });
    const { proc, ended, ready } = service([keep(), keep()]);
    await until(ready);
    proc.emit('SIGTERM');
    await ended;
    expect(states).toEqual([
      [false, true],
      [true, true],
    ]);
  });

  test('exits with 1 when a component cannot start, stopping those that did', async () => {
    const log: string[] = [];
    const broken = recorded('b', log, { start: () => Promise.reject(new Error('no')) });
    const { ended } = service([recorded('a', log), broken, recorded('c', log)]);
    expect(await ended).toBe(1);
    expect(log).toEqual(['start a', 'stop b', 'stop a']);
  });

  test.each(['unhandledRejection', 'uncaughtException'])('treats an %s as fatal', async (event) => {
    const log: string[] = [];
    const { proc, ended, ready } = service([recorded('a', log)]);
    await until(ready);
    proc.emit(event, new Error('lost'));
    expect(await ended).toBe(1);
    expect(log).toEqual(['start a', 'stop a']);
  });

  test('exits at once on a second signal', async () => {
    let release: () => void = () => undefined;
    const stuck = recorded('a', [], {
      stop: () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    });
    const { proc, ended, ready } = service([stuck]);
    await until(ready);
    proc.emit('SIGTERM');
    proc.emit('SIGTERM');
    expect(proc.exits).toEqual([1]);
    await new Promise((resolve) => setImmediate(resolve));
    release();
    await ended;
  });

  test('gives up on a component that does not stop in time, and stops the others', async () => {
    const log: string[] = [];
    let deadline: AbortSignal | undefined;
    const stuck = recorded('b', log, {
      stopTimeoutMs: 10,
      stop: (signal) => {
        deadline = signal;
        return new Promise<void>(() => undefined);
      },
    });
    const { proc, ended, ready } = service([recorded('a', log), stuck]);
    await until(ready);
    proc.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(deadline?.aborted).toBe(true);
    expect(log).toEqual(['start a', 'start b', 'stop a']);
  });

  test('stops a start that hangs', async () => {
    const hanging: Component = {
      name: 'hanging',
      start: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    };
    const { proc, ended } = service([hanging]);
    await new Promise((resolve) => setImmediate(resolve));
    proc.emit('SIGTERM');
    expect(await ended).toBe(0);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('broken'))],
    ['ends by itself', () => Promise.resolve()],
  ])('ends when a background task %s', async (_what, run) => {
    const { ended } = service([backgroundTask('loop', run)]);
    expect(await ended).toBe(1);
  });

  test('waits for a background task that ends in its own time', async () => {
    const log: string[] = [];
    const task = backgroundTask('loop', async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setImmediate(resolve));
      log.push('ended');
    });
    const { proc, ended, ready } = service([recorded('a', log), task]);
    await until(ready);
    proc.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(log).toEqual(['start a', 'ended', 'stop a']);
  });
});
