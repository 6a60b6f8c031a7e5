import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger, Metrics } from '@pilotfish/service';
import { ManualClock } from '@pilotfish/testkit';
import { IsolationWatch } from './isolation-watch.ts';
import type { MysqldView } from './local-mysql.ts';
import { createMetrics } from './metrics.ts';

const silent: MysqldView = { kind: 'silent', reason: 'no answer', hangs: true };
const absent: MysqldView = { kind: 'absent', reason: 'refused' };
const open: MysqldView = { kind: 'answering', readOnly: false, superReadOnly: false };
const closed: MysqldView = { kind: 'answering', readOnly: true, superReadOnly: true };

/** A mysqld and a world with knobs. */
class Model {
  readonly clock = new ManualClock();
  reachable = true;
  solo = false;
  view: MysqldView = open;
  closes = true;
  readonly done: string[] = [];
  readonly watch = new IsolationWatch({
    contacts: { reach: () => Promise.resolve(this.reachable), isSolo: () => this.solo },
    mysqld: {
      look: () => Promise.resolve(this.view),
      close: () => {
        this.done.push('close');
        if (!this.closes) return Promise.reject(new Error('no answer within 1000 ms'));
        this.view = closed;
        return Promise.resolve();
      },
      kill: () => {
        this.done.push('kill');
        this.view = absent;
        return Promise.resolve(1);
      },
    },
    timeoutMs: 10_000,
    clock: this.clock,
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics(new Metrics({ defaults: false })),
  });

  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.clock.advance(1000);
      await this.watch.tick();
    }
  }
}

describe('the isolation watch', () => {
  let model: Model;
  beforeEach(() => {
    model = new Model();
  });

  test('does nothing while anything outside answers', async () => {
    await model.pass(60);
    expect(model.done).toEqual([]);
    expect(model.watch.isolated).toBe(false);
  });

  test('closes a writable instance once, before the time-out has passed', async () => {
    await model.pass(5);
    model.reachable = false;
    await model.pass(6);
    expect(model.done).toEqual([]);
    await model.pass(3);
    expect(model.done).toEqual(['close']);
    expect(model.watch.isolated).toBe(false);
    await model.pass(30);
    expect(model.done).toEqual(['close']);
    expect(model.watch.isolated).toBe(true);
  });

  test('kills mysqld in the same look when it does not close', async () => {
    model.reachable = false;
    model.closes = false;
    await model.pass(30);
    expect(model.done).toEqual(['close', 'kill']);
  });

  test('kills a hung mysqld that was writable', async () => {
    await model.pass(1);
    model.view = silent;
    model.reachable = false;
    await model.pass(30);
    expect(model.done).toEqual(['kill']);
  });

  test('kills a hung mysqld of which it never heard', async () => {
    model.view = silent;
    model.reachable = false;
    await model.pass(30);
    expect(model.done).toEqual(['kill']);
  });

  test('leaves a hung mysqld alone that was closed', async () => {
    model.view = closed;
    await model.pass(1);
    model.view = silent;
    model.reachable = false;
    await model.pass(30);
    expect(model.done).toEqual([]);
  });

  test('leaves a recovering mysqld alone', async () => {
    model.view = absent;
    model.reachable = false;
    await model.pass(600);
    expect(model.done).toEqual([]);
  });

  test('leaves the only instance of a cluster alone', async () => {
    model.solo = true;
    model.reachable = false;
    await model.pass(600);
    expect(model.done).toEqual([]);
  });

  test('closes an instance again that is opened while it is isolated', async () => {
    model.reachable = false;
    await model.pass(10);
    model.view = open;
    await model.pass(2);
    expect(model.done).toEqual(['close', 'close']);
  });
});
