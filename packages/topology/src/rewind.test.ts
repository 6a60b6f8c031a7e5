import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from './decide.ts';
import { planStarts, provenReceived } from './rewind.ts';
import type { InstanceView, Snapshot } from './snapshot.ts';
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
  uuidOf,
  view,
} from './testing/scene.ts';

const awaiting = { wait: 'w1', source: uuidOf(0) };
const waits = (index: number) => instance(index, refused, { agent: agent({ running: false, awaiting }) });
const ackSet = { members: [nameOf(1), nameOf(2)], k: 1 };
const from = { name: nameOf(0), serverUuid: uuidOf(0), ackSet };

const stopped = (index: number, executed: string, received = executed): InstanceView =>
  replica(index, {
    executed: gtids(executed),
    replication: follows(0, { receiver: 'OFF', received: gtids(received) }),
  });

const seen = (...views: readonly (readonly [number, InstanceView])[]): Map<string, InstanceView> =>
  new Map(views.map(([index, held]) => [nameOf(index), held]));

describe('what others have received of a failed primary', () => {
  const failed = scene([
    waits(0),
    instance(1, observed(stopped(1, 'a:1-10'))),
    instance(2, observed(stopped(2, 'a:1-9'))),
  ]);

  test('is what any of them holds, applied or not, when all of them are seen', () => {
    const received = provenReceived(
      failed,
      from,
      seen([1, stopped(1, 'a:1-10')], [2, stopped(2, 'a:1-9', 'a:1-11,b:1')]),
    );
    expect(received?.equals(gtids('a:1-11'))).toBe(true);
  });

  const both = seen([1, stopped(1, 'a:1-10')], [2, stopped(2, 'a:1-9')]);
  test.each<[string, Snapshot, typeof from, Map<string, InstanceView>]>([
    ['one of them was not seen', failed, from, seen([1, stopped(1, 'a:1-10')])],
    ['its commits waited for nobody', failed, { ...from, ackSet: { members: [], k: 0 } }, both],
    ['one of them still receives', failed, from, seen([1, stopped(1, 'a:1-10')], [2, replica(2)])],
    ['a member of its ack set is gone', failed, { ...from, ackSet: { members: [nameOf(1), nameOf(4)], k: 1 } }, both],
    ['an instance that is wanted is not there', { ...failed, wantedReplicas: 4 }, from, both],
  ])('is not known when %s', (_, snapshot, failedPrimary, views) => {
    expect(provenReceived(snapshot, failedPrimary, views)).toBeUndefined();
  });

  test('a blank instance has received nothing', () => {
    const blank = instance(2, refused, { agent: agent({ running: false, blank: true }) });
    const withBlank = scene([waits(0), instance(1, observed(stopped(1, 'a:1-10'))), blank]);
    const received = provenReceived(
      withBlank,
      { ...from, ackSet: { members: [nameOf(1)], k: 1 } },
      seen([1, stopped(1, 'a:1-10')]),
    );
    expect(received?.equals(gtids('a:1-10'))).toBe(true);
  });

  test('never leaves out what some instance holds', () => {
    const held = fc.array(fc.nat({ max: 12 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(held, held, (executed, received) => {
        const views = [1, 2].map((index): readonly [number, InstanceView] => [
          index,
          stopped(
            index,
            `a:1-${String((executed[index - 1] ?? 0) + 1)}`,
            `a:1-${String((received[index - 1] ?? 0) + 1)}`,
          ),
        ]);
        const boundary = provenReceived(failed, from, seen(...views));
        const most = Math.max(...executed, ...received) + 1;
        expect(boundary?.equals(gtids(`a:1-${String(most)}`))).toBe(true);
      }),
    );
  });
});

describe('a server that waits to start', () => {
  const received = gtids('a:1-10');
  const formerPrimary = { name: nameOf(0), serverUuid: uuidOf(0), received };
  const succeeded = (change: Partial<Snapshot['recorded']>) =>
    scene([waits(0), instance(1, observed(primary({ serverUuid: uuidOf(1) }))), instance(2, observed(view(2)))], {
      recorded: { primary: nameOf(1), epoch: 4, ...change },
    });
  const starts = (snapshot: Snapshot) => planStarts(snapshot, decide(snapshot));

  test('is rewound to what others have received', () => {
    expect(starts(succeeded({ formerPrimary }))).toEqual([
      { do: 'rewind', instance: nameOf(0), wait: 'w1', source: uuidOf(0), received },
    ]);
  });

  test('starts as it is when nobody knows what others have received, or it is another server by now', () => {
    const asItIs = [{ do: 'start', instance: nameOf(0), wait: 'w1' }];
    expect(starts(succeeded({}))).toEqual(asItIs);
    expect(starts(succeeded({ formerPrimary: { ...formerPrimary, serverUuid: uuidOf(4) } }))).toEqual(asItIs);
  });

  test('waits while a failover may take its place', () => {
    const failing = scene([waits(0), instance(1, observed(replica(1))), instance(2, observed(replica(2)))]);
    expect(starts(failing)).toEqual([]);
  });

  test('starts as it is when only its return helps', () => {
    const alone = scene([waits(0), instance(1, refused), instance(2, refused)]);
    const unacknowledged = { ...alone, recorded: { ...alone.recorded, ackSet: { members: [], k: 0 } } };
    expect(starts(unacknowledged)).toMatchObject([{ do: 'start' }]);
    const tooFew = scene([waits(0), instance(1, observed(stopped(1, 'a:1-10'))), instance(2, refused)]);
    expect(decide(tooFew).hold?.reason).toBe('TooFewWitnesses');
    expect(starts(tooFew)).toMatchObject([{ do: 'start' }]);
  });

  test('one that does not wait is told nothing', () => {
    expect(starts(scene())).toEqual([]);
  });
});
