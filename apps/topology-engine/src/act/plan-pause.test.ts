import { describe, expect, test } from '@jest/globals';
import { failoverSteps, type Plan } from '@pilotfish/topology';
import { PlanPause } from './plan-pause.ts';

const planTo = (to: string): Plan => ({
  kind: 'failover',
  from: 'db-mysql-0',
  to,
  reason: 'a test',
  previousAckSet: { members: [], k: 0 },
  steps: failoverSteps,
});

/** The first whole second after the last failure at which the plan may be tried. */
function secondsUntil(pause: PlanPause, plan: Plan, failedAtMs: number): number {
  let seconds = 0;
  while (!pause.isOver(plan, failedAtMs + seconds * 1_000)) seconds += 1;
  return seconds;
}

describe('the pause after a plan that failed', () => {
  test('there is none before the first failure, and none after a success', () => {
    const pause = new PlanPause();
    expect(pause.isOver(planTo('db-mysql-1'), 0)).toBe(true);
    pause.planFailed(planTo('db-mysql-1'), 0);
    pause.planSucceeded();
    expect(pause.isOver(planTo('db-mysql-1'), 0)).toBe(true);
  });

  test('it doubles for the same plan, up to three seconds', () => {
    const pause = new PlanPause();
    const plan = planTo('db-mysql-1');
    const waited = [0, 10_000, 20_000, 30_000, 40_000].map((now) => {
      pause.planFailed(plan, now);
      return secondsUntil(pause, plan, now);
    });
    expect(waited).toEqual([1, 2, 3, 3, 3]);
  });

  test('another plan waits for a second, however often the first has failed', () => {
    const pause = new PlanPause();
    for (const now of [0, 10_000, 20_000]) pause.planFailed(planTo('db-mysql-1'), now);
    expect(secondsUntil(pause, planTo('db-mysql-2'), 20_000)).toBe(1);
    pause.planFailed(planTo('db-mysql-2'), 30_000);
    expect(secondsUntil(pause, planTo('db-mysql-2'), 30_000)).toBe(1);
  });
});
