import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { describeInstances } from './instance-state.ts';
import { defaultPolicy } from './policy.ts';
import { planRepairs } from './repair.ts';
import type { Contact } from './snapshot.ts';
import {
  agent,
  follows,
  gtids,
  instance,
  nameOf,
  observed,
  primary,
  refused,
  replica,
  scene,
  view,
} from './testing/scene.ts';

const healthy = [instance(0, observed(primary())), instance(1, observed(replica(1)))];

describe('repairs', () => {
  test('a fenced instance is held down while its server runs, and left alone otherwise', () => {
    const fenced = (contact: Contact) =>
      scene([...healthy, instance(2, contact)], {
        policy: {
          ...defaultPolicy,
          instances: [{ name: nameOf(2), promotionRule: 'neutral', fenced: { by: 'ada', reason: 'disk' } }],
        },
      });
    expect(planRepairs(fenced(observed(replica(2))))).toEqual([
      { do: 'hold', instance: nameOf(2), reason: 'fenced by ada: disk' },
    ]);
    expect(planRepairs(fenced(refused))).toEqual([]);
    expect(describeInstances(fenced(refused))[2]).toMatchObject({ state: 'Detached', serving: false });
  });

  test('none when all is well', () => {
    expect(planRepairs(scene())).toEqual([]);
  });

  test.each([
    ['replicates from nobody', view(2), 'attach'],
    ['follows a former primary', replica(2, { replication: follows(1) }), 'attach'],
    ['its receiver has given up', replica(2, { replication: follows(0, { receiver: 'OFF' }) }), 'attach'],
    ['its applier is stopped', replica(2, { replication: follows(0, { applier: 'OFF' }) }), 'start-applier'],
    [
      'its applier has failed',
      replica(2, { replication: follows(0, { applier: 'OFF', applierErrno: 1062, applierError: 'dup' }) }),
      'wait',
    ],
    ['it is open for writes', view(2, { readOnly: false }), 'close'],
    ['it is blank', view(2, { executed: GtidSet.empty }), 'clone'],
    ['it diverged', view(2, { executed: gtids('a:1-10,c:1') }), 'clone'],
    [
      'its source has purged what it needs',
      replica(2, { replication: follows(0, { receiver: 'OFF', receiverError: 'Got fatal error 1236 from source' }) }),
      'clone',
    ],
  ])('%s: %#', (_, third, expected) => {
    const [repair] = planRepairs(scene([...healthy, instance(2, observed(third))]));
    expect(repair).toMatchObject({ do: expected, instance: nameOf(2) });
  });

  test('commits of the primary itself that it has not counted yet are not errant', () => {
    const ahead = replica(2, { executed: gtids('a:1-12') });
    expect(planRepairs(scene([...healthy, instance(2, observed(ahead))]))).toEqual([]);
  });

  test('errant transactions are named, so that they are saved before the copy', () => {
    const [repair] = planRepairs(
      scene([...healthy, instance(2, observed(view(2, { executed: gtids('a:1-10,c:3-4') })))]),
    );
    expect(repair?.do === 'clone' && repair.errant?.equals(gtids('c:3-4'))).toBe(true);
  });

  test('the donor is a replica; the primary only when there is no other, and for one copy at a time', () => {
    const blank = (index: number) => instance(index, observed(view(index, { executed: GtidSet.empty })));
    const [fromReplica] = planRepairs(scene([...healthy, blank(2)]));
    expect(fromReplica).toMatchObject({ donor: nameOf(1) });
    const alone = planRepairs(scene([instance(0, observed(primary())), blank(1), blank(2)]));
    expect(alone.map((repair) => repair.do)).toEqual(['clone', 'wait']);
    expect(alone[0]).toMatchObject({ donor: nameOf(0) });
  });

  test('an instance that has diverged is nobody’s donor', () => {
    const diverged = instance(1, observed(replica(1, { executed: gtids('a:1-10,c:1') })));
    const blank = instance(2, observed(view(2, { executed: GtidSet.empty })));
    const [first, second] = planRepairs(scene([instance(0, observed(primary())), diverged, blank]));
    expect(first).toMatchObject({ do: 'clone', instance: nameOf(1), donor: nameOf(0) });
    expect(second).toMatchObject({ do: 'wait', instance: nameOf(2) });
  });

  test('an instance that is being copied is left alone, and its donor is taken', () => {
    const blank = observed(view(1, { executed: GtidSet.empty }));
    const cloning = instance(1, blank, { agent: agent({ provisioning: 'cloning' }) });
    const repairs = planRepairs(
      scene([instance(0, observed(primary())), cloning, instance(2, observed(view(2, { executed: GtidSet.empty })))]),
    );
    expect(repairs.map(({ do: what, instance: name }) => [what, name])).toEqual([['wait', nameOf(2)]]);
  });

  test('the primary of a cluster that is to be read-only is closed', () => {
    expect(planRepairs(scene(undefined, { readOnly: true }))).toEqual([
      { do: 'make-read-only', instance: nameOf(0), reason: expect.any(String) },
    ]);
    const closed = scene([instance(0, observed(primary({ readOnly: true }))), instance(1, observed(replica(1)))], {
      readOnly: true,
    });
    expect(planRepairs(closed)).toEqual([]);
  });

  test('an instance that is scaled in or ending is not repaired', () => {
    expect(planRepairs(scene([...healthy, instance(2, observed(view(2)))], { wantedReplicas: 2 }))).toEqual([]);
    expect(planRepairs(scene([...healthy, instance(2, observed(view(2)), { ending: true })]))).toEqual([]);
  });

  describe('of an instance that diverged', () => {
    const errant = gtids('c:3-4');
    const diverged = (
      change: { examined?: { asked: GtidSet; noOps: GtidSet }; errantPolicy?: 'ask' | 'never' } = {},
    ) => {
      const third = instance(2, observed(view(2, { executed: gtids('a:1-10,c:3-4') })), {
        agent: agent(),
        ...(change.examined && { examined: change.examined }),
      });
      const policy = { ...defaultPolicy, errantPolicy: change.errantPolicy ?? ('auto' as const) };
      return planRepairs(scene([...healthy, third], { policy }))[0];
    };
    const examined = (noOps: string) => ({ asked: errant, noOps: noOps === '' ? GtidSet.empty : gtids(noOps) });

    test('begin with the question which of its transactions change anything', () => {
      expect(diverged()).toMatchObject({ do: 'examine', errant });
      expect(diverged({ examined: { asked: gtids('c:3'), noOps: GtidSet.empty } })).toMatchObject({ do: 'examine' });
    });

    test('fill what changes nothing, whatever the policy', () => {
      const repair = diverged({ examined: examined('c:4'), errantPolicy: 'never' });
      expect(repair?.do === 'fill' && repair.gtids.equals(gtids('c:4'))).toBe(true);
    });

    test('then copy, if that may be done without a word', () => {
      expect(diverged({ examined: examined('') })).toMatchObject({ do: 'clone', errant });
    });

    test.each(['ask', 'never'] as const)('wait under errantPolicy %s, and say what would lift it', (errantPolicy) => {
      expect(diverged({ examined: examined(''), errantPolicy })).toMatchObject({
        do: 'wait',
        reason: expect.stringContaining(`errantPolicy is ${errantPolicy}`),
      });
    });
  });
});

describe('a server without an agent', () => {
  const without = (view: Parameters<typeof observed>[0]) =>
    scene([
      instance(0, observed(primary())),
      instance(1, observed(view), { agentless: true }),
      instance(2, observed(replica(2))),
    ]);

  test('takes the binary logs from the first on when it has no data', () => {
    expect(planRepairs(without(view(1, { executed: gtids('') })))).toMatchObject([
      { do: 'attach', instance: nameOf(1) },
    ]);
  });

  test('is left to people when it holds transactions of its own', () => {
    expect(planRepairs(without(replica(1, { executed: gtids('a:1-10,b:1') })))).toMatchObject([
      { do: 'wait', instance: nameOf(1), reason: expect.stringContaining('clone it by hand') },
    ]);
  });
});
