import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { describeInstances } from './instance-state.ts';
import type { Contact, InstanceEvidence } from './snapshot.ts';
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
  silent,
  view,
} from './testing/scene.ts';

describe('the state of an instance', () => {
  test.each([
    ['follows', observed(replica(2)), 'Replicating'],
    ['is behind', observed(replica(2, { heartbeatAgeMs: 8_000 })), 'CatchingUp'],
    ['has no source', observed(view(2)), 'Detached'],
    ['follows another', observed(replica(2, { replication: follows(1) })), 'Detached'],
    [
      'has an error',
      observed(replica(2, { replication: follows(0, { applierErrno: 1062, applier: 'OFF' }) })),
      'Broken',
    ],
    ['has errant transactions', observed(replica(2, { executed: gtids('a:1-10,c:1') })), 'Diverged'],
    ['has no data', observed(view(2, { executed: GtidSet.empty })), 'Blank'],
    ['refuses', refused, 'Unreachable'],
    ['is silent', silent(2_000), 'Unreachable'],
    ['has no address', { kind: 'unplaced' as const }, 'Unreachable'],
  ])('%s', (_, contact, state) => {
    const facts = describeInstances(scene([instance(0, observed(primary())), instance(2, contact)]));
    expect(facts[1]).toMatchObject({ name: nameOf(2), state });
  });

  test('a replica too far behind is lagged, and does not serve reads', () => {
    const [, facts] = describeInstances(
      scene([instance(0, observed(primary())), instance(1, observed(replica(1, { heartbeatAgeMs: 31_000 })))]),
    );
    expect(facts).toMatchObject({ lagged: true, caughtUp: false, attached: true });
  });

  test('nobody is behind because the primary writes no heartbeats', () => {
    const quiet = (index: number) => instance(index, observed(replica(index, { heartbeatAgeMs: 600_000 })));
    for (const facts of describeInstances(scene([instance(0, refused), quiet(1), quiet(2)]))) {
      expect(facts.lagged).toBe(false);
    }
  });

  test('a full volume is said', () => {
    const full = instance(1, refused, { agent: agent({ diskFull: true }) });
    expect(describeInstances(scene([full]))[0]).toMatchObject({
      state: 'Broken',
      message: expect.stringContaining('volume is full'),
    });
  });

  test('an instance that was not tried yet is as it was published before', () => {
    const snapshot = scene();
    const before = describeInstances(snapshot);
    const untried = {
      ...snapshot,
      instances: snapshot.instances.map((one) => ({ ...one, contact: { kind: 'untried' as const } })),
    };
    expect(describeInstances(untried, before)).toEqual(before);
    expect(describeInstances(untried)[0]).toMatchObject({ state: 'Unreachable', serving: false });
  });

  describe('a replica that leaves the engine without an answer', () => {
    const before = describeInstances(scene());
    const seen = (index: number, contact: Contact, facts: Partial<InstanceEvidence> = {}) => {
      const instances = scene().instances.map((one) =>
        one.name === nameOf(index) ? { ...one, contact, ...facts } : one,
      );
      return describeInstances(scene(instances), before).find(({ name }) => name === nameOf(index));
    };

    test('serves as before for a while', () => {
      expect(seen(1, silent(4_900))).toEqual(before.find(({ name }) => name === nameOf(1)));
      expect(seen(1, silent(5_000))).toMatchObject({ state: 'Unreachable', serving: false });
    });

    test.each<[string, Partial<InstanceEvidence>]>([
      ['its agent misses its server', { agent: agent({ running: false }) }],
      ['its agent sees it hang', { agent: agent({ hungMs: 1_600 }) }],
      ['its pod is gone', { podExists: false }],
      ['its container has ended', { serverEnded: true }],
      ['its node is lost', { nodeLost: true }],
    ])('is unreachable at once when %s', (_, facts) => {
      expect(seen(1, silent(1_700), facts)).toMatchObject({ state: 'Unreachable', serving: false });
    });

    test('is unreachable at once when it was the primary until now', () => {
      expect(seen(0, silent(1_700))).toMatchObject({ state: 'Unreachable', serving: false });
      const [, former] = before;
      const failedOver = scene(
        scene().instances.map((one) => (one.name === nameOf(1) ? { ...one, contact: silent(1_700) } : one)),
      );
      const known = before.map((facts) => (facts === former ? { ...facts, state: 'Primary' as const } : facts));
      expect(describeInstances(failedOver, known)[1]).toMatchObject({ state: 'Unreachable' });
    });
  });

  test('an instance that refuses the operator serves its clients as before, and the message says what is wrong', () => {
    const before = describeInstances(scene());
    const denied = scene(
      scene().instances.map((one) => ({
        ...one,
        contact: { kind: 'denied' as const, because: 'credentials' as const, reason: 'Access denied' },
      })),
    );
    expect(describeInstances(denied, before)[1]).toMatchObject({
      serving: true,
      attached: true,
      message: expect.stringContaining('password'),
    });
  });
});
