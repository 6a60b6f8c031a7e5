import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { decide } from './decide.ts';
import type { Snapshot } from './snapshot.ts';
import {
  follows,
  gtids,
  instance,
  lostSource,
  nameOf,
  observed,
  primary,
  refused,
  replica,
  scene,
  silent,
  view,
} from './testing/scene.ts';

const deadReplicas = [instance(1, observed(lostSource(1))), instance(2, observed(lostSource(2)))];

interface Row {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly state: string;
  readonly plan?: string;
  readonly to?: string;
  readonly hold?: string;
  /** When something is done about the hold. */
  readonly nextMs?: number;
}

const rows: readonly Row[] = [
  { name: 'all is well', snapshot: scene(), state: 'PrimaryHealthy' },
  { name: 'nothing is wanted and nothing is there', snapshot: scene([], { wantedReplicas: 0 }), state: 'Stopped' },
  {
    name: 'a crash: the primary refuses, the replicas have lost it',
    snapshot: scene([instance(0, refused), ...deadReplicas]),
    state: 'PrimaryDead',
    plan: 'failover',
    to: nameOf(1),
  },
  {
    name: 'a hang: silent for long enough, and the replicas hear nothing',
    snapshot: scene([
      instance(0, silent(1_600)),
      instance(1, observed(replica(1, { replication: follows(0, { lastHeardMs: 1_500 }) }))),
      instance(2, observed(replica(2, { replication: follows(0, { lastHeardMs: 1_500 }) }))),
    ]),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'silent, but not for long enough',
    snapshot: scene([instance(0, silent(900)), ...deadReplicas]),
    state: 'PrimarySuspected',
    hold: 'PrimarySuspected',
    nextMs: 600,
  },
  {
    name: 'the engine alone can not reach it: a replica that still receives vetoes',
    snapshot: scene([
      instance(0, silent(9_000)),
      instance(1, observed(replica(1))),
      instance(2, observed(lostSource(2))),
    ]),
    state: 'PrimarySuspected',
    hold: 'ReplicasStillReceive',
  },
  {
    name: 'a replica that follows somebody else says nothing about the primary',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(replica(1, { replication: follows(2) }))),
      instance(2, observed(lostSource(2))),
    ]),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'nobody answers: no second witness',
    snapshot: scene([instance(0, refused), instance(1, silent(2_000)), instance(2, silent(2_000))]),
    state: 'PrimarySuspected',
    hold: 'PrimarySuspected',
  },
  {
    name: 'wrong credentials are no death',
    snapshot: scene([instance(0, { kind: 'denied', reason: 'Access denied' }), ...deadReplicas]),
    state: 'PrimarySuspected',
    hold: 'PrimarySuspected',
  },
  {
    name: 'dead, but one of two members of the ack set is missing: an acknowledged commit may be only there',
    snapshot: scene([instance(0, refused), instance(1, observed(lostSource(1))), instance(2, silent(5_000))]),
    state: 'PrimaryDead',
    hold: 'TooFewWitnesses',
  },
  {
    name: 'dead, and its commits waited for nobody',
    snapshot: scene([instance(0, refused), ...deadReplicas], { recorded: { ackSet: { members: [nameOf(1)], k: 0 } } }),
    state: 'PrimaryDead',
    hold: 'OnlyThePrimaryHasEverything',
  },
  {
    name: 'the most advanced replica is chosen, though it has more to apply',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(lostSource(1))),
      instance(2, observed(lostSource(2, { received: gtids('a:1-12') }))),
    ]),
    state: 'PrimaryDead',
    plan: 'failover',
    to: nameOf(2),
  },
  {
    name: 'replicas that have diverged from each other',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(lostSource(1, { received: gtids('b:1') }))),
      instance(2, observed(lostSource(2, { received: gtids('c:1') }))),
    ]),
    state: 'PrimaryDead',
    hold: 'NoCandidate',
  },
  {
    name: 'a replica whose applier is broken does not lead',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(lostSource(1, { applierErrno: 1062, applier: 'OFF' }))),
      instance(2, observed(lostSource(2))),
    ]),
    state: 'PrimaryDead',
    plan: 'failover',
    to: nameOf(2),
  },
  {
    name: 'restarted before anybody took over',
    snapshot: scene([instance(0, observed(primary({ readOnly: true }))), ...deadReplicas]),
    state: 'PrimaryClosed',
    plan: 'reopen',
    to: nameOf(0),
  },
  {
    name: 'closed because the cluster is read-only',
    snapshot: scene([instance(0, observed(primary({ readOnly: true }))), instance(1, observed(replica(1)))], {
      readOnly: true,
    }),
    state: 'PrimaryHealthy',
  },
  {
    name: 'came back with less than a replica holds',
    snapshot: scene([instance(0, observed(primary({ readOnly: true, executed: gtids('a:1-8') }))), ...deadReplicas]),
    state: 'PrimaryClosed',
    plan: 'failover',
  },
  {
    name: 'came back without its data',
    snapshot: scene([instance(0, observed(primary({ readOnly: true, executed: GtidSet.empty }))), ...deadReplicas]),
    state: 'PrimaryEmptied',
    plan: 'failover',
  },
  {
    name: 'its pod is being deleted',
    snapshot: scene([
      instance(0, observed(primary()), { leaving: true, ending: true }),
      instance(1, observed(replica(1))),
      instance(2, observed(replica(2))),
    ]),
    state: 'PrimaryLeaving',
    plan: 'switchover',
    to: nameOf(1),
  },
  {
    name: 'scaled in: the one that stays takes over',
    snapshot: scene(
      [
        instance(2, observed(view(2, { readOnly: false }))),
        instance(0, observed(view(0, { replication: follows(2) }))),
        instance(1, observed(view(1, { replication: follows(2) })), { leaving: true }),
      ].map((i) => (i.ordinal === 2 ? { ...i, leaving: true } : i)),
      { recorded: { primary: nameOf(2) }, wantedReplicas: 1 },
    ),
    state: 'PrimaryLeaving',
    plan: 'switchover',
    to: nameOf(0),
  },
  {
    name: 'leaving, and nobody is caught up',
    snapshot: scene([
      instance(0, observed(primary()), { leaving: true, ending: true }),
      instance(1, observed(replica(1, { heartbeatAgeMs: 60_000 }))),
    ]),
    state: 'PrimaryLeaving',
    hold: 'NoCaughtUpReplica',
  },
  {
    name: 'a new cluster: ordinal 0 comes first',
    snapshot: scene(
      [
        instance(0, observed(view(0, { executed: GtidSet.empty }))),
        instance(1, observed(view(1, { executed: GtidSet.empty }))),
      ],
      {
        recorded: { primary: '', epoch: 0, initialized: false, writable: false, ackSet: { members: [], k: 0 } },
      },
    ),
    state: 'FirstInstanceReady',
    plan: 'bootstrap',
    to: nameOf(0),
  },
  {
    name: 'an adopted cluster: the instance with the data, once all answer',
    snapshot: scene([instance(0, observed(view(0, { executed: GtidSet.empty }))), instance(1, observed(view(1)))], {
      recorded: { primary: '', epoch: 0, initialized: false, writable: false, ackSet: { members: [], k: 0 } },
    }),
    state: 'FirstInstanceReady',
    plan: 'bootstrap',
    to: nameOf(1),
  },
  {
    name: 'an adopted cluster: not before all answer',
    snapshot: scene([instance(0, silent(100)), instance(1, observed(view(1)))], {
      recorded: { primary: '', epoch: 0, initialized: false, writable: false, ackSet: { members: [], k: 0 } },
    }),
    state: 'AwaitingFirstInstance',
    hold: 'AwaitingFirstInstance',
  },
];

describe('every state has its decision', () => {
  test.each(rows)('$name', ({ snapshot, state, plan, to, hold, nextMs }) => {
    const decision = decide(snapshot);
    expect(decision.state).toBe(state);
    expect(decision.plan?.kind).toBe(plan);
    expect(decision.hold?.reason).toBe(hold);
    if (decision.hold) expect(decision.hold.lifts).not.toBe('');
    if (to !== undefined) expect(decision.plan?.to).toBe(to);
    if (nextMs !== undefined) expect(decision.hold?.next?.afterMs).toBe(nextMs);
  });
});

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
