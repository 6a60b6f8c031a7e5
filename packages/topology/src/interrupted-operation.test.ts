import { describe, expect, test } from '@jest/globals';
import { decide } from './decide.ts';
import { deadReplicas } from './testing/decisions/row.ts';
import { gtids, instance, lostSource, nameOf, observed, refused, scene, view } from './testing/scene.ts';

describe('an operation whose engine is gone', () => {
  const operation = {
    id: 'failover-4',
    kind: 'failover' as const,
    from: nameOf(0),
    to: nameOf(1),
    phase: 'switching' as const,
    previousAckSet: { members: [nameOf(1), nameOf(2)], k: 1 },
  };
  const recorded = { primary: nameOf(1), epoch: 4, writable: false, ackSet: { members: [nameOf(2)], k: 1 }, operation };

  test('is dropped when it had only been announced', () => {
    const preparing = { ...operation, kind: 'switchover' as const, phase: 'preparing' as const };
    const decision = decide(scene(undefined, { recorded: { operation: preparing } }));
    expect(decision).toEqual({ state: 'OperationInterrupted', abandon: preparing });
  });

  test('goes on from the fence when nobody is open', () => {
    const { plan } = decide(scene([instance(0, refused), ...deadReplicas], { recorded }));
    expect(plan?.steps[0]?.do).toBe('fence-old');
    expect(plan?.previousAckSet).toEqual(operation.previousAckSet);
  });

  test('waits for the first word of everybody: the one that was promoted may be open', () => {
    const untried = instance(1, { kind: 'untried' });
    const { plan, hold } = decide(
      scene([instance(0, observed(view(0))), untried, instance(2, observed(lostSource(2)))], { recorded }),
    );
    expect(plan).toBeUndefined();
    expect(hold?.message).toContain(`${nameOf(1)} has not been tried yet`);
  });

  test('goes on with the instance that is open already', () => {
    const open = instance(2, observed(view(2, { readOnly: false })));
    const { plan } = decide(scene([instance(0, refused), instance(1, observed(lostSource(1))), open], { recorded }));
    expect(plan).toMatchObject({ to: nameOf(2), steps: [{ do: 'record-ack-set' }, {}, {}, {}, {}, {}] });
  });

  test('both ack sets bind: the new primary is gone too, and one witness is not enough', () => {
    const { hold } = decide(
      scene([instance(0, refused), instance(1, refused), instance(2, observed(lostSource(2)))], { recorded }),
    );
    expect(hold?.reason).toBe('TooFewWitnesses');
  });

  test('the old primary stands for all commits of its epoch', () => {
    const back = instance(0, observed(view(0, { executed: gtids('a:1-11') })));
    const { plan } = decide(scene([back, instance(1, refused), instance(2, observed(lostSource(2)))], { recorded }));
    expect(plan).toMatchObject({ to: nameOf(0) });
  });
});
