import { describe, expect, test } from '@jest/globals';
import { nextAckStep } from './ack-step.ts';
import { follows, instance, nameOf, observed, primary, refused, replica, scene } from './testing/scene.ts';
import { timing } from './timing.ts';

const silentMember = (index: number) => instance(index, observed(replica(index, { semiSyncReplica: false })));

describe('the next step of the ack set', () => {
  test('none when all is as it should be', () => {
    expect(nextAckStep(scene())).toBeUndefined();
  });

  test('a replica that follows is recorded as a member before it acknowledges', () => {
    const snapshot = scene([instance(0, observed(primary())), instance(1, observed(replica(1))), silentMember(2)], {
      recorded: { ackSet: { members: [nameOf(1)], k: 1 } },
    });
    expect(nextAckStep(snapshot)).toEqual({ do: 'add-member', instance: nameOf(2) });
  });

  test('a member that came back silent is turned on again', () => {
    const snapshot = scene([instance(0, observed(primary())), instance(1, observed(replica(1))), silentMember(2)]);
    expect(nextAckStep(snapshot)).toEqual({ do: 'enable-member', instance: nameOf(2) });
  });

  test('an instance that acknowledges without being a member is silenced first', () => {
    const snapshot = scene(undefined, { recorded: { ackSet: { members: [nameOf(1)], k: 1 } } });
    expect(nextAckStep(snapshot)).toEqual({ do: 'silence-stranger', instance: nameOf(2) });
  });

  test('k grows when enough members acknowledge', () => {
    const snapshot = scene(
      [instance(0, observed(primary({ semiSyncSource: false }))), instance(1, observed(replica(1)))],
      {
        recorded: { ackSet: { members: [nameOf(1)], k: 0 } },
      },
    );
    expect(nextAckStep(snapshot)).toEqual({ do: 'raise-k', k: 1 });
  });

  test('what is in force on the primary is made to be what is recorded', () => {
    const snapshot = scene([
      instance(0, observed(primary({ semiSyncSource: false }))),
      instance(1, observed(replica(1))),
    ]);
    expect(nextAckStep(snapshot)).toEqual({ do: 'enforce-k', k: 1 });
  });

  test('k shrinks before the members when fewer instances are wanted', () => {
    const members = [1, 2, 3, 4].map(nameOf);
    const all = [1, 2, 3, 4].map((index) => instance(index, observed(replica(index)), { leaving: index > 2 }));
    const snapshot = scene([instance(0, observed(primary({ semiSyncWaitFor: 2, semiSyncClients: 4 }))), ...all], {
      recorded: { ackSet: { members, k: 2 } },
    });
    expect(nextAckStep(snapshot)).toMatchObject({ do: 'lower-k', k: 1 });
    const shrunk = scene([instance(0, observed(primary({ semiSyncClients: 4 }))), ...all], {
      recorded: { ackSet: { members, k: 1 } },
    });
    expect(nextAckStep(shrunk)).toEqual({ do: 'remove-member', instance: nameOf(3) });
  });

  test('k does not grow on a member that is scaled in: it would shrink again for that one to leave', () => {
    const staying = instance(1, observed(replica(1)));
    const leaving = instance(4, observed(replica(4)), { leaving: true });
    const snapshot = scene([instance(0, observed(primary())), staying, leaving], {
      wantedReplicas: 4,
      recorded: { ackSet: { members: [1, 4].map(nameOf), k: 1 } },
    });
    expect(nextAckStep(snapshot)).toEqual({ do: 'remove-member', instance: nameOf(4) });
  });

  test('a member whose server is gone leaves after a while, but never the last that commits wait for', () => {
    const gone = instance(2, refused, { detachedMs: timing.memberGoneMs + 1 });
    const one = [instance(0, observed(primary())), instance(1, observed(replica(1)))];
    expect(nextAckStep(scene([...one, gone]))).toEqual({ do: 'remove-member', instance: nameOf(2) });
    expect(nextAckStep(scene([...one, { ...gone, detachedMs: 10 }]))).toBeUndefined();
    expect(
      nextAckStep(scene([...one, gone], { recorded: { ackSet: { members: [nameOf(2)], k: 1 } } })),
    ).not.toMatchObject({ do: 'remove-member' });
  });

  test('a member that is only cut off leaves when its receiver has given up for certain', () => {
    const cut = instance(2, { kind: 'silent', forMs: 9_000 }, { detachedMs: timing.memberGoneMs + 1 });
    const one = [instance(0, observed(primary())), instance(1, observed(replica(1)))];
    expect(nextAckStep(scene([...one, cut]))).toBeUndefined();
    expect(nextAckStep(scene([...one, { ...cut, detachedMs: timing.receiverGivesUpMs + 1 }]))).toMatchObject({
      do: 'remove-member',
    });
  });

  test.each([
    ['preferred', { do: 'lower-k', k: 0 }],
    ['required', undefined],
  ] as const)('commits that wait for nobody: %s', (durability, expected) => {
    const lost = [1, 2].map((index) =>
      instance(index, observed(replica(index, { replication: follows(0, { receiver: 'CONNECTING' }) }))),
    );
    const after = (shortMs: number) =>
      nextAckStep(
        scene([instance(0, observed(primary({ semiSyncClients: 0 }))), ...lost], {
          durability,
          acks: { shortMs, stalledMs: 0 },
        }),
      );
    expect(after(timing.stallToleratedMs - 1)).toBeUndefined();
    const step = after(timing.stallToleratedMs);
    if (expected) expect(step).toMatchObject(expected);
    else expect(step).toBeUndefined();
  });
});
