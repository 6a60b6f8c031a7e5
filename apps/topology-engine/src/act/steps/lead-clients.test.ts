import { expect, test } from '@jest/globals';
import { ManualClock } from '@pilotfish/testkit';
import { type Plan, switchoverSteps } from '@pilotfish/topology';
import { type PlanContext, PlanRun } from '../plan-run.ts';
import { leadClients } from './lead-clients.ts';

const deadlineMs = switchoverSteps.find((step) => step.do === 'lead-clients')?.deadlineMs ?? 0;
const plan: Plan = {
  kind: 'switchover',
  from: 'db-mysql-0',
  to: 'db-mysql-1',
  reason: 'a test',
  previousAckSet: { members: [], k: 0 },
  steps: [],
};

/** The candidate has the label `master` after 50 ms, and the old primary has lost it after that long. @returns when the step ended, or why it failed */
async function led(oldLosesItMs: number): Promise<number | string> {
  const clock = new ManualClock();
  const role = (name: string): string => {
    const leads = name === plan.to ? clock.nowMs() >= 50 : clock.nowMs() < oldLosesItMs;
    return leads ? 'master' : 'replica';
  };
  const record = { current: { operation: { phase: 'preparing' } }, update: () => Promise.resolve() };
  const run = new PlanRun(plan, { record, clock, role } as unknown as PlanContext);
  const ending = leadClients(run, deadlineMs).then(() => clock.nowMs(), String);
  await clock.advance(deadlineMs);
  return await ending;
}

test('clients are led when the label is with the candidate alone, and every kube-proxy had the time to follow', async () => {
  expect(await led(100)).toBe(300);
});

test('an old primary that keeps the label is told, in time for the hand-over to go on without', async () => {
  expect(await led(60_000)).toMatch(/the label did not move to db-mysql-1 alone/);
});
