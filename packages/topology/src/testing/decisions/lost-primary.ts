import { GtidSet } from '@pilotfish/gtid';
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
} from '../scene.ts';
import { deadReplicas, type Row, stranger } from './row.ts';

/** It does not answer, or another server does in its place: dead, suspected, or vetoed. */
export const lostPrimary: readonly Row[] = [
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
    name: 'came back without its data',
    snapshot: scene([instance(0, observed(primary({ readOnly: true, executed: GtidSet.empty }))), ...deadReplicas]),
    state: 'PrimaryEmptied',
    plan: 'failover',
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
];
