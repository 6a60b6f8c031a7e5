import { describe, expect, test } from '@jest/globals';
import { eventually, ManualClock } from '@pilotfish/testkit';
import type { AgentState } from './agent-state.ts';
import { type Report, ReportWatch } from './report-watch.ts';

const healthy: AgentState = {
  mysqld: { running: true, pid: 7, hungMs: 0, stopped: false, blank: false, held: false },
  provisioning: { phase: 'ready' },
  isolation: { isolated: false, lastContactMsAgo: 100 },
  disk: { totalBytes: 1_000, freeBytes: 500, readOnly: false, stalledMs: 0 },
  errantSaved: [],
};

/** An agent whose state the test changes, and one who watches it. */
class Watched {
  readonly clock = new ManualClock();
  state: AgentState = healthy;
  readonly reports = new ReportWatch({
    gather: async () => await Promise.resolve(this.state),
    clock: this.clock,
    life: 'one',
  });
  answer: Report | undefined;
  failure: unknown;

  async ask(since: string, signal = new AbortController().signal): Promise<void> {
    this.answer = undefined;
    this.reports.next(since, signal).then(
      (report) => (this.answer = report),
      (error: unknown) => (this.failure = error),
    );
    await eventually(() => this.answer !== undefined || this.clock.sleeperCount > 0, {
      deadlineMs: 20_000,
      describe: 'an answer, or the wait for one',
    });
  }

  async isHeld(): Promise<void> {
    await eventually(() => this.clock.sleeperCount > 0, { deadlineMs: 20_000, describe: 'the watch to wait' });
  }

  async answered(): Promise<Report> {
    await eventually(() => this.answer !== undefined, { deadlineMs: 20_000, describe: 'an answer' });
    return this.answer as Report;
  }
}

async function watching(): Promise<Watched> {
  const watched = new Watched();
  await watched.ask('');
  await watched.ask((await watched.answered()).version);
  expect(watched.answer).toBeUndefined();
  return watched;
}

describe('the report of an agent', () => {
  test('is given at once to one who has none, or that of another life', async () => {
    const watched = new Watched();
    await watched.ask('another.1');
    expect((await watched.answered()).state).toEqual(healthy);
  });

  test('is pushed when mysqld has ended, without waiting for the next look', async () => {
    const watched = await watching();
    watched.state = { ...healthy, mysqld: { ...healthy.mysqld, running: false } };
    watched.reports.poke();
    expect((await watched.answered()).state.mysqld.running).toBe(false);
    expect(watched.clock.nowMs()).toBe(0);
  });

  test('is pushed when the process outlives its socket by a moment', async () => {
    const watched = await watching();
    watched.reports.poke();
    await watched.isHeld();
    watched.state = { ...healthy, mysqld: { ...healthy.mysqld, running: false } };
    await watched.clock.advance(60);
    expect((await watched.answered()).state.mysqld.running).toBe(false);
  });

  test.each<[string, AgentState]>([
    ['mysqld hangs', { ...healthy, mysqld: { ...healthy.mysqld, hungMs: 1_200 } }],
    ['the volume is full', { ...healthy, disk: { ...healthy.disk, freeBytes: 1 } }],
    ['the file system is read-only', { ...healthy, disk: { ...healthy.disk, readOnly: true } }],
    ['the volume takes no writes', { ...healthy, disk: { ...healthy.disk, stalledMs: 2_500 } }],
    ['the instance is cut off', { ...healthy, isolation: { isolated: true, lastContactMsAgo: 11_000 } }],
    ['a copy has begun', { ...healthy, provisioning: { phase: 'cloning' } }],
  ])('is pushed within a second when %s', async (_, state) => {
    const watched = await watching();
    watched.state = state;
    await watched.clock.advance(1_000);
    expect((await watched.answered()).state).toEqual(state);
  });

  test('is not pushed for what changes all the time, but given after 4 s', async () => {
    const watched = await watching();
    watched.state = { ...healthy, disk: { ...healthy.disk, freeBytes: 490 } };
    for (let second = 1; second < 4; second += 1) {
      await watched.clock.advance(1_000);
      await watched.isHeld();
      expect(watched.answer).toBeUndefined();
    }
    await watched.clock.advance(1_000);
    expect((await watched.answered()).state.disk.freeBytes).toBe(490);
  });

  test('is no longer gathered for one who has hung up', async () => {
    const watched = new Watched();
    await watched.ask('');
    const hangUp = new AbortController();
    await watched.ask((await watched.answered()).version, hangUp.signal);
    hangUp.abort(new Error('gone'));
    await eventually(() => watched.failure !== undefined, { deadlineMs: 20_000, describe: 'the end of the watch' });
    expect(watched.clock.sleeperCount).toBe(0);
  });
});
