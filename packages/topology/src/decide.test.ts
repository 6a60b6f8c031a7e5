import { describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { type ClusterState, clusterStates } from './cluster-state.ts';
import { decide } from './decide.ts';
import { type HoldReason, holdReasons } from './hold.ts';
import { defaultPolicy, type FailoverPolicy, type InstancePolicy } from './policy.ts';
import type { InstanceEvidence, Snapshot } from './snapshot.ts';
import {
  agent,
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
  uuidOf,
  view,
} from './testing/scene.ts';

const deadReplicas = [instance(1, observed(lostSource(1))), instance(2, observed(lostSource(2)))];

const well = [instance(1, observed(replica(1))), instance(2, observed(replica(2)))];
const waitingPrimary = primary({ semiSyncWaitSessions: 3, semiSyncClients: 0 });
const stranger = { kind: 'impostor' as const, serverUuid: uuidOf(4), expected: uuidOf(0), ageMs: 10 };
const async = {
  policy: { ...defaultPolicy, mode: 'async' as const },
  recorded: { ackSet: { members: [], k: 0 } },
};

interface Wish {
  readonly hold: HoldReason;
  readonly failover?: Partial<FailoverPolicy>;
  readonly instances?: readonly InstancePolicy[];
  readonly others?: readonly InstanceEvidence[];
}

const behind = (index: number) => instance(index, observed(lostSource(index, { received: gtids('a:1-12') })));
const rule = (index: number, change: Partial<InstancePolicy>): InstancePolicy => ({
  name: nameOf(index),
  promotionRule: 'neutral',
  ...change,
});

const wishes: readonly Wish[] = [
  { hold: 'FailoverPaused', failover: { paused: { by: 'ops', reason: 'moving racks' } } },
  { hold: 'RecoveryDisabled', failover: { recoverPrimary: false } },
  { hold: 'PrimaryInDowntime', instances: [rule(0, { downtime: { by: 'ops', reason: 'new kernel' } })] },
  {
    hold: 'RecoveryBlocked',
    failover: { recoveryBlockMs: 60_000, failures: [{ instance: nameOf(0), ageMs: 1_000 }] },
  },
  { hold: 'FailoverDelayed', failover: { delayMs: 30_000 } },
  { hold: 'CandidateBehind', failover: { whenBehind: 'hold' }, others: [behind(1), behind(2)] },
  { hold: 'PromotionForbidden', instances: [1, 2].map((index) => rule(index, { promotionRule: 'mustNot' })) },
];

interface Row {
  readonly name: string;
  readonly snapshot: Snapshot;
  readonly state: ClusterState;
  readonly plan?: string;
  readonly to?: string;
  readonly hold?: HoldReason;
  /** When something is done about the hold. */
  readonly nextMs?: number;
  /** Part of the plan's reason or steps, or of the hold's message. */
  readonly says?: string;
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
    state: 'PrimaryUnreachable',
    hold: 'ReplicasStillReceive',
  },
  {
    name: 'the engine is cut off from all of them: what replicas said last has aged, and that is no silence of the primary',
    snapshot: scene([
      instance(0, silent(1_600)),
      instance(1, observed(replica(1, { replication: follows(0, { lastHeardMs: 450 }) }), 1_000)),
      instance(2, observed(replica(2, { replication: follows(0, { lastHeardMs: 450 }) }), 1_000)),
    ]),
    state: 'PrimarySuspected',
    hold: 'PrimarySuspected',
    says: 'have not answered since',
  },
  {
    name: 'one replica confirms, and the last word of the other is too old to tell',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(lostSource(1))),
      instance(2, observed(replica(2), 1_250)),
    ]),
    state: 'PrimarySuspected',
    hold: 'PrimarySuspected',
    says: 'db-mysql-2 heard from it when last asked',
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
    snapshot: scene([
      instance(0, { kind: 'denied', because: 'credentials', reason: 'Access denied' }),
      ...deadReplicas,
    ]),
    state: 'PrimaryDenied',
    hold: 'WrongCredentials',
  },
  {
    name: 'dead, but one of two members of the ack set is missing: an acknowledged commit may be only there',
    snapshot: scene([instance(0, refused), instance(1, observed(lostSource(1))), instance(2, silent(5_000))]),
    state: 'PrimaryDead',
    hold: 'TooFewWitnesses',
  },
  {
    name: 'dead, and a member was restarted: it may have dropped what it acknowledged before it applied it',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(view(1, { semiSyncReplica: false, replication: follows(0, { receiver: 'OFF' }) }))),
      instance(2, observed(lostSource(2))),
    ]),
    state: 'PrimaryDead',
    hold: 'TooFewWitnesses',
  },
  {
    name: 'dead, and a member whose pod is ending holds more than the one that can lead: that one gets it first',
    snapshot: scene([
      instance(0, refused),
      instance(1, observed(lostSource(1, { received: gtids('a:1-12') })), { ending: true, leaving: true }),
      instance(2, observed(lostSource(2))),
    ]),
    state: 'PrimaryDead',
    plan: 'failover',
    to: nameOf(2),
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
  {
    name: 'no connection is left for the engine: it lives',
    snapshot: scene([
      instance(0, { kind: 'denied', because: 'connections', reason: 'Too many connections' }),
      ...deadReplicas,
    ]),
    state: 'PrimaryConnectionsExhausted',
    hold: 'ConnectionsExhausted',
  },
  {
    name: 'MariaDB, or a version that is too old, is refused',
    snapshot: scene([instance(0, { kind: 'unsupported', reason: 'MariaDB 11.4' }), ...deadReplicas]),
    state: 'PrimaryUnsupported',
    hold: 'UnsupportedServer',
  },
  {
    name: 'an unknown server answers at the address of the primary, and no replica hears the real one',
    snapshot: scene([instance(0, stranger), ...deadReplicas]),
    state: 'PrimaryDead',
    plan: 'failover',
    to: nameOf(1),
  },
  {
    name: 'a replica that receives from an unknown server at the address of the primary does not veto',
    snapshot: scene(
      [
        instance(0, stranger),
        instance(1, observed(replica(1, { replication: follows(0, { sourceUuid: uuidOf(4) }) }))),
        instance(2, observed(lostSource(2))),
      ],
      {
        recorded: { identities: { [nameOf(0)]: uuidOf(0) } },
      },
    ),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'a hang that its agent sees over the socket: nothing is waited for',
    snapshot: scene([instance(0, silent(200), { agent: agent({ hungMs: 1_600 }) }), ...deadReplicas]),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'its agent saw mysqld end before the engine noticed',
    snapshot: scene([instance(0, silent(20), { agent: agent({ running: false }) }), ...deadReplicas]),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'cut off from the API server alone: it serves, and nothing is done',
    snapshot: scene([instance(0, observed(primary()), { nodeLost: true }), ...well]),
    state: 'PrimaryHealthy',
  },
  {
    name: 'its clients can not reach it: nobody can see that, and nothing is done',
    snapshot: scene([instance(0, observed(primary({ semiSyncClients: 2 }))), ...well]),
    state: 'PrimaryHealthy',
  },
  {
    name: 'the volume is full: no failover',
    snapshot: scene([instance(0, observed(primary()), { agent: agent({ diskFull: true }) }), ...well]),
    state: 'PrimaryDiskFull',
    hold: 'DiskFull',
  },
  {
    name: 'the file system has become read-only: another takes over',
    snapshot: scene([instance(0, observed(primary()), { agent: agent({ fileSystemReadOnly: true }) }), ...well]),
    state: 'PrimaryStorageFailed',
    plan: 'switchover',
  },
  {
    name: 'the file system has become read-only, and nobody is caught up',
    snapshot: scene([instance(0, observed(primary()), { agent: agent({ fileSystemReadOnly: true }) })]),
    state: 'PrimaryStorageFailed',
    hold: 'NoCaughtUpReplica',
  },
  {
    name: 'stopped I/O: the agent can not write, and no heartbeat was committed since',
    snapshot: scene([
      instance(0, observed(primary({ heartbeatAgeMs: 6_000 })), { agent: agent({ ioStalledMs: 5_500 }) }),
      ...well,
    ]),
    state: 'PrimaryIoStopped',
    plan: 'failover',
  },
  {
    name: 'the agent alone finds the volume slow: commits go on',
    snapshot: scene([instance(0, observed(primary()), { agent: agent({ ioStalledMs: 5_500 }) }), ...well]),
    state: 'PrimaryHealthy',
  },
  {
    name: 'a read lock is held: nothing is broken',
    snapshot: scene([instance(0, observed(primary({ heartbeatAgeMs: 11_000 })), { agent: agent() }), ...well]),
    state: 'PrimaryWritesBlocked',
    hold: 'WritesBlocked',
  },
  {
    name: 'opened a moment ago after a long while: it has written no heartbeat yet, and that is no lock',
    snapshot: scene([
      instance(0, observed(primary({ heartbeatAgeMs: 60_000 })), { agent: agent(), openMs: 600 }),
      ...well,
    ]),
    state: 'PrimaryHealthy',
  },
  {
    name: 'closed by hand: opened again, with the reason',
    snapshot: scene([instance(0, observed(primary({ readOnly: true }))), ...well]),
    state: 'PrimaryClosed',
    plan: 'reopen',
    says: 'closed while it ran',
  },
  {
    name: 'restarted: opened again, with the reason',
    snapshot: scene([
      instance(0, observed(primary({ readOnly: true, uptimeMs: 3_000, heartbeatAgeMs: 9_000 }))),
      ...well,
    ]),
    state: 'PrimaryClosed',
    plan: 'reopen',
    says: 'came back closed',
  },
  {
    name: 'closed by its own agent, which is cut off: not opened',
    snapshot: scene([
      instance(0, observed(primary({ readOnly: true })), { agent: agent({ isolated: true }) }),
      ...well,
    ]),
    state: 'PrimaryIsolated',
    hold: 'PrimaryIsolated',
  },
  {
    name: 'commits wait a moment',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...deadReplicas], {
      acks: { shortMs: 0, stalledMs: 2_000 },
    }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    nextMs: 1_000,
  },
  {
    name: 'commits wait a moment while replicas are put under the primary',
    snapshot: scene(
      [instance(0, observed(waitingPrimary)), instance(1, observed(view(1))), deadReplicas[1] ?? instance(2, refused)],
      {
        acks: { shortMs: 2_000, stalledMs: 2_000 },
      },
    ),
    state: 'PrimaryHealthy',
  },
  {
    name: 'commits wait a moment: replicas follow, and the source has not taken notice of them yet',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...well], { acks: { shortMs: 0, stalledMs: 2_000 } }),
    state: 'PrimaryHealthy',
  },
  {
    name: 'the same for longer is told',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...well], { acks: { shortMs: 0, stalledMs: 3_100 } }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
  },
  {
    name: 'commits wait a moment, though the source counts all of its replicas',
    snapshot: scene([instance(0, observed(primary({ semiSyncWaitSessions: 3 }))), ...well], {
      acks: { shortMs: 0, stalledMs: 2_000 },
    }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    nextMs: 1_000,
  },
  {
    name: 'commits wait no longer than on any busy server',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...deadReplicas], {
      acks: { shortMs: 0, stalledMs: 1_000 },
    }),
    state: 'PrimaryHealthy',
  },
  {
    name: 'cut between primary and replicas, or logins blocked by a waiting account statement: another takes over',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...deadReplicas], {
      acks: { shortMs: 4_000, stalledMs: 4_000 },
    }),
    state: 'AcksStalled',
    plan: 'failover',
  },
  {
    name: 'acknowledgements are lost on their way while the replicas hear nothing new either',
    snapshot: scene(
      [
        instance(0, observed(waitingPrimary)),
        instance(1, observed(replica(1, { replication: follows(0, { lastHeardMs: 3_000 }) }))),
        instance(2, observed(replica(2, { replication: follows(0, { lastHeardMs: 3_000 }) }))),
      ],
      { acks: { shortMs: 0, stalledMs: 3_100 }, durability: 'required' },
    ),
    state: 'AcksStalled',
    plan: 'failover',
  },
  {
    name: 'commits wait while replicas receive: a large transaction, or replicas that can not write it down',
    snapshot: scene([instance(0, observed(waitingPrimary)), ...well], { acks: { shortMs: 0, stalledMs: 9_000 } }),
    state: 'AcksStalled',
    hold: 'AcksStalled',
  },
  {
    name: 'commits wait for replicas that are not under their new primary yet',
    snapshot: scene(
      [instance(0, observed(waitingPrimary)), instance(1, observed(view(1))), instance(2, observed(lostSource(2)))],
      { acks: { shortMs: 9_000, stalledMs: 9_000 } },
    ),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    says: 'being put under it',
  },
  {
    name: 'commits wait and too few of the ack set answer',
    snapshot: scene(
      [instance(0, observed(waitingPrimary)), instance(1, refused), instance(2, observed(lostSource(2)))],
      {
        acks: { shortMs: 9_000, stalledMs: 9_000 },
        durability: 'required',
      },
    ),
    state: 'AcksStalled',
    hold: 'AcksStalled',
    says: '1 of the ack set',
  },
  {
    name: 'async: its port refuses, which proves that it is closed',
    snapshot: scene([instance(0, refused), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'async: a hang, and its agent answers: it kills the server first',
    snapshot: scene([instance(0, silent(2_000), { agent: agent({ hungMs: 2_000 }) }), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
    says: 'prove-fence',
  },
  {
    name: 'async: cut off, and it may still take writes',
    snapshot: scene([instance(0, silent(60_000)), ...deadReplicas], async),
    state: 'PrimaryDead',
    hold: 'FenceNotProven',
  },
  {
    name: 'async: its node is lost, but the isolation time-out has not passed',
    snapshot: scene([instance(0, silent(9_000), { nodeLost: true }), ...deadReplicas], async),
    state: 'PrimaryDead',
    hold: 'FenceNotProven',
    nextMs: 6_000,
  },
  {
    name: 'async: its node is lost, and its agent has certainly closed it',
    snapshot: scene([instance(0, silent(15_000), { nodeLost: true }), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'async: the kubelet saw its container end',
    snapshot: scene([instance(0, silent(2_000), { serverEnded: true }), ...deadReplicas], async),
    state: 'PrimaryDead',
    plan: 'failover',
  },
  {
    name: 'an engine died in the middle of a switchover, and the primary does not answer',
    snapshot: scene([instance(0, silent(100)), ...deadReplicas], {
      recorded: {
        operation: {
          id: 'bootstrap-1',
          kind: 'bootstrap',
          from: '',
          to: nameOf(0),
          phase: 'switching',
          previousAckSet: { members: [], k: 0 },
        },
      },
    }),
    state: 'OperationInterrupted',
    hold: 'PrimarySuspected',
  },
  ...wishes.map(({ hold, failover = {}, instances = [], others = deadReplicas }) => ({
    name: `a failover that is not wanted: ${hold}`,
    snapshot: scene([instance(0, refused), ...others], {
      policy: { ...defaultPolicy, failover: { ...defaultPolicy.failover, ...failover }, instances },
    }),
    state: 'PrimaryDead' as const,
    hold,
  })),
];

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
