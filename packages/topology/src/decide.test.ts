import { describe, expect, test } from '@jest/globals';
import { clusterStates } from './cluster-state.ts';
import { decide } from './decide.ts';
import { holdReasons } from './hold.ts';
import { asyncFence } from './testing/decisions/async-fence.ts';
import { firstPrimary } from './testing/decisions/first-primary.ts';
import { livingPrimary } from './testing/decisions/living-primary.ts';
import { lostPrimary } from './testing/decisions/lost-primary.ts';
import { stalledAcks } from './testing/decisions/stalled-acks.ts';
import { unwanted } from './testing/decisions/unwanted.ts';

const rows = [...livingPrimary, ...lostPrimary, ...stalledAcks, ...asyncFence, ...firstPrimary, ...unwanted];

describe('every state has its decision', () => {
  test.each(rows)('$name', ({ snapshot, state, plan, to, hold, nextMs, says }) => {
    const decision = decide(snapshot);
    expect(decision.state).toBe(state);
    expect(decision.plan?.kind).toBe(plan);
    expect(decision.hold?.reason).toBe(hold);
    if (decision.hold) expect(decision.hold.lifts).not.toBe('');
    if (to !== undefined) expect(decision.plan?.to).toBe(to);
    if (nextMs !== undefined) expect(decision.hold?.next?.afterMs).toBe(nextMs);
    const steps = decision.plan?.steps.map((step) => step.do).join(' ') ?? '';
    if (says !== undefined)
      expect(`${decision.plan?.reason ?? ''} ${steps} ${decision.hold?.message ?? ''}`).toContain(says);
  });

  test('every state and every reason of a hold has a row', () => {
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(clusterStates));
    const held = new Set(rows.flatMap(({ hold }) => hold ?? []));
    // Hooks are run by the engine, which holds a decision back while they do.
    expect(held).toEqual(new Set(holdReasons.filter((reason) => !reason.startsWith('Hook'))));
  });
});
