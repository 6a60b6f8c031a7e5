import { describe, expect, test } from '@jest/globals';
import { decide } from './decide.ts';
import { mayHandBack } from './hand-back.ts';
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

  test('the old primary stands for its epoch, and another holds more: it is closed already, and not killed', () => {
    const ahead = instance(2, observed(view(2, { executed: gtids('a:1-10,b:1') })));
    const back = instance(0, observed(view(0, { executed: gtids('a:1-10') })));
    const { plan } = decide(scene([back, instance(1, refused), ahead], { recorded }));
    expect(plan).toMatchObject({ to: nameOf(2), safeBy: 'old-primary' });
    expect(plan?.steps.map((step) => step.do).slice(0, 3)).toEqual(['stop-receivers', 'choose', 'rewind-old']);
  });

  describe('is handed back to the old primary', () => {
    const old = instance(0, observed(view(0, { executed: gtids('a:1-10') })));
    const behind = (ordinal: number) => instance(ordinal, observed(view(ordinal, { executed: gtids('a:1-10') })));
    const handedBack = (...others: ReturnType<typeof instance>[]): boolean =>
      mayHandBack(scene([old, ...others], { recorded }), nameOf(0));

    test('when the new one, or enough of its ack set, holds nothing more', () => {
      expect(handedBack(behind(1), instance(2, refused))).toBe(true);
      expect(handedBack(instance(1, refused), behind(2))).toBe(true);
    });

    test('not while nobody can tell what was written in between', () => {
      expect(handedBack(instance(1, refused), instance(2, refused))).toBe(false);
    });

    test('not when somebody holds what it lacks', () => {
      const ahead = instance(2, observed(view(2, { executed: gtids('a:1-10,b:1') })));
      expect(handedBack(behind(1), ahead)).toBe(false);
    });

    test('not when it does not answer', () => {
      const all = scene([instance(0, refused), behind(1), behind(2)], { recorded });
      expect(mayHandBack(all, nameOf(0))).toBe(false);
    });
  });
});
