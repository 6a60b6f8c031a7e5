import { expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { ManualClock } from '@pilotfish/testkit';
import { failoverSteps, type Plan } from '@pilotfish/topology';
import { type PlanContext, PlanRun } from '../plan-run.ts';
import { rewindOld } from './rewind-old.ts';

const rewindMs = failoverSteps.find((step) => step.do === 'rewind-old')?.deadlineMs ?? 0;

/** When the old primary's agent is asked for the first time in a failover that takes so long. */
async function firstAskedMs(operationMs: number): Promise<number | undefined> {
  const clock = new ManualClock();
  let askedMs: number | undefined;
  const state = (): Promise<object> => {
    askedMs ??= clock.nowMs();
    return Promise.resolve({ mysqld: {} });
  };
  const record = {
    get current() {
      return clock.nowMs() < operationMs ? { operation: {} } : {};
    },
  };
  const context = { record, clock, member: () => ({ agent: { state } }) } as unknown as PlanContext;
  const plan: Plan = {
    kind: 'failover',
    from: 'db-mysql-0',
    to: 'db-mysql-1',
    reason: 'a test',
    previousAckSet: { members: [], k: 0 },
    steps: [],
  };
  const run = new PlanRun(plan, context);
  run.formerPrimary = { name: plan.from, serverUuid: 'u', received: GtidSet.empty };
  const rewinding = rewindOld(run, rewindMs);
  await clock.advance(rewindMs);
  await rewinding;
  return askedMs;
}

test.each([
  ['when the failover has ended', 300, 300],
  ['after a second of a failover that takes longer', 60_000, 1_020],
])('the old primary is asked for its binary log %s', async (_when, operationMs, expected) => {
  expect(await firstAskedMs(operationMs)).toBe(expected);
});
