import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@pilotfish/service';
import { eventually, ManualClock } from '@pilotfish/testkit';
import { type Decision, defaultPolicy, failoverSteps, type Snapshot } from '@pilotfish/topology';
import type { Hook } from './hook.ts';
import { HookGate } from './hook-gate.ts';

const logger = createLogger({ service: 'test', level: 'fatal', pod: 'test' });

const snapshot = (epoch: number) =>
  ({
    policy: defaultPolicy,
    recorded: { primary: 'db-mysql-0', epoch },
    instances: [{ name: 'db-mysql-0' }, { name: 'db-mysql-1' }],
  }) as unknown as Snapshot;

const failover: Decision = {
  state: 'PrimaryDead',
  plan: {
    kind: 'failover',
    from: 'db-mysql-0',
    to: 'db-mysql-1',
    reason: 'it is gone',
    previousAckSet: { members: [], k: 0 },
    steps: failoverSteps,
  },
};

describe('between decision and plan', () => {
  let folder: string;
  let done: number;
  const clock = new ManualClock();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gate-'));
    done = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function gateWith(...hooks: readonly Hook[]): HookGate {
    const onDone = (): void => {
      done += 1;
    };
    return new HookGate({ key: 'test/db', engine: 'engine-0', hooks: () => hooks, clock, logger, onDone });
  }

  const hook = (change: Partial<Hook>): Hook => ({
    on: 'before-failover',
    command: ['/bin/true'],
    timeoutMs: 5_000,
    veto: false,
    ...change,
  });

  const answered = (times: number) =>
    eventually(() => done === times, { deadlineMs: 10_000, describe: 'the hooks to be done' });

  test('without hooks nothing is held', () => {
    expect(gateWith(hook({ on: 'after-failover' })).review(failover, snapshot(1))).toBe(failover);
  });

  test('a plan waits for its hooks, is decided anew, and then goes on', async () => {
    const gate = gateWith(hook({}));
    expect(gate.review(failover, snapshot(1))).toEqual({
      state: 'PrimaryDead',
      hold: {
        reason: 'HookRunning',
        message: 'the hooks before a failover run',
        lifts: 'they are done, or their time is over',
        next: { afterMs: 5_000, does: 'fails over to db-mysql-1' },
      },
    });
    await answered(1);
    expect(gate.review(failover, snapshot(1))).toBe(failover);
  });

  test.each([
    ['fails', ['/bin/false']],
    ['hangs', ['/bin/sleep', '600']],
    ['is not there', ['/nothing/there']],
  ])('a hook that %s holds nothing up beyond its time-out', async (_how, command) => {
    const gate = gateWith(hook({ command, timeoutMs: 300 }));
    gate.review(failover, snapshot(1));
    await answered(1);
    expect(gate.review(failover, snapshot(1))).toBe(failover);
  });

  test('a veto holds the plan, and is asked for again after a while', async () => {
    const gate = gateWith(hook({ command: ['/bin/false'], veto: true }), hook({}));
    gate.review(failover, snapshot(1));
    await answered(1);
    const { plan, hold } = gate.review(failover, snapshot(1));
    expect(plan).toBeUndefined();
    expect(hold).toMatchObject({ reason: 'HookVetoed', next: { afterMs: 30_000, does: 'asks the hooks again' } });
    await clock.advance(30_000);
    expect(gate.review(failover, snapshot(1)).hold?.reason).toBe('HookRunning');
    await answered(2);
  });

  test('an order waits for its hooks, which are told of it and where the instances are; a veto is its answer', async () => {
    const { plan } = failover;
    if (!plan) throw new Error('no plan');
    const told = join(folder, 'told');
    const gate = gateWith(hook({ command: ['/bin/sh', '-c', 'cat > "$0"', told] }));
    expect(gate.reviewOrder('op-1', { ...plan, kind: 'order' }, snapshot(1))).toBeUndefined();
    expect(gate.reviewOrder('op-1', plan, snapshot(1))).toEqual({ untilMs: clock.nowMs() + 5_000 });
    gate.review({ state: 'PrimaryHealthy' }, snapshot(1));
    await answered(1);
    expect(gate.reviewOrder('op-1', plan, snapshot(1))).toBeUndefined();
    expect(JSON.parse(readFileSync(told, 'utf8'))).toMatchObject({
      moment: 'before-failover',
      to: 'db-mysql-1',
      hosts: { 'db-mysql-1': { host: 'db-mysql-1.mysql.test', port: 3306 } },
    });
    const other = gateWith(hook({ command: ['/bin/false'], veto: true }));
    other.reviewOrder('op-2', plan, snapshot(1));
    await answered(2);
    expect(other.reviewOrder('op-2', plan, snapshot(1))).toEqual({
      vetoed: 'a hook vetoed the failover: /bin/false ended with 1',
    });
  });

  test('a primary that answers in between ends the matter: the hooks are run again for the next one', async () => {
    const gate = gateWith(hook({}));
    gate.review(failover, snapshot(1));
    await answered(1);
    gate.review({ state: 'PrimaryHealthy' }, snapshot(1));
    expect(gate.review(failover, snapshot(1)).hold?.reason).toBe('HookRunning');
    await answered(2);
  });

  test('what was begun is carried to its end without asking', () => {
    const interrupted: Decision = { ...failover, state: 'OperationInterrupted' };
    expect(gateWith(hook({})).review(interrupted, snapshot(2))).toBe(interrupted);
  });

  test('a failure is told once, whether or not a failover follows', async () => {
    const marker = join(folder, 'told');
    const gate = gateWith(hook({ on: 'failure-detected', command: ['/bin/mkdir', marker] }));
    const held: Decision = {
      state: 'PrimaryDead',
      hold: { reason: 'FailoverPaused', message: 'paused', lifts: 'the pause ends' },
    };
    expect(gate.review(held, snapshot(1))).toBe(held);
    await eventually(() => existsSync(marker), { deadlineMs: 10_000, describe: 'the failure to be told' });
    rmSync(marker, { recursive: true });
    gate.review(held, snapshot(1));
    gate.review(held, snapshot(2));
    await eventually(() => existsSync(marker), { deadlineMs: 10_000, describe: 'the next failure to be told' });
  });

  test.each([
    [true, 'after-failover'],
    [false, 'after-failed'],
  ] as const)('the end of a failover is told (ok: %s) by %s', async (ok, on) => {
    const marker = join(folder, 'told');
    const gate = gateWith(hook({ on, command: ['/bin/mkdir', marker] }));
    if (failover.plan) gate.ended(failover.plan, snapshot(2), ok);
    await eventually(() => existsSync(marker), { deadlineMs: 10_000, describe: 'the end to be told' });
  });
});
