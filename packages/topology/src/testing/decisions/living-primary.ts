import { agent, follows, gtids, instance, nameOf, observed, primary, replica, scene, view } from '../scene.ts';
import { deadReplicas, type Row, well } from './row.ts';

/** It answers: open or closed, leaving, or in trouble. */
export const livingPrimary: readonly Row[] = [
  { name: 'all is well', snapshot: scene(), state: 'PrimaryHealthy' },
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
    name: 'opened by an engine that was gone before it could say so; its first commit waits on it, and a replica holds it',
    snapshot: scene(
      [
        instance(0, observed(primary({ semiSyncWaitSessions: 1 }))),
        instance(1, observed(replica(1, { executed: gtids('a:1-11'), semiSyncReplica: false }))),
        instance(2, observed(replica(2, { semiSyncReplica: false }))),
      ],
      { recorded: { writable: false } },
    ),
    state: 'PrimaryClosed',
    plan: 'reopen',
    to: nameOf(0),
    says: 'was opened, and that was not recorded',
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
];
