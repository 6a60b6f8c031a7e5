import { GtidSet } from '@pilotfish/gtid';
import type { Contact, InstanceEvidence, InstanceView, ReplicationView, Snapshot } from '../snapshot.ts';
import { follows, instance, nameOf, scene, view } from '../testing/scene.ts';
import { timing } from '../timing.ts';
import { commitReady, deliverable, hears, receiverState, semiSyncClients } from './mysql-model.ts';
import { gtidsOf } from './tx-set.ts';
import { type ModelRecord, originsOf, type Seen, type Server, serverAt, type World } from './world.ts';

/**
 * What an engine sees. The model has no clock: every silence is long already, so that the engine acts as early as it ever
 * could, and what it must wait out has been waited out exactly if that is true of the servers.
 */
const longMs = Math.max(timing.primarySilentMs, timing.memberGoneMs) + 1_000;

export const indexOf = (name: string): number => Number(name.split('-').at(-1));

export function isReachable(world: World, index: number): boolean {
  const server = serverAt(world, index);
  return server.up && !server.hung && server.net === 'joined';
}

/** Evidence as ClusterLoop gathers it (apps/topology-engine/src/cluster-loop.ts), with the record as that engine knows it. */
export function snapshotOf(world: World, recorded: ModelRecord): Snapshot {
  return scene(
    world.servers.map((_, index) => evidenceOf(world, index)),
    {
      wantedReplicas: world.wanted,
      durability: world.durability,
      recorded: { ...recorded },
      acks: acksOf(world, indexOf(recorded.primary)),
    },
  );
}

/** Commits wait, and nothing is under way that would end it: for long already. */
function acksOf(world: World, primary: number): Snapshot['acks'] {
  const server = world.servers[primary];
  if (!server || server.waitFor === 0) return { shortMs: 0, stalledMs: 0 };
  const isUnderWay =
    commitReady(world, primary) !== 0 || world.servers.some((_, index) => deliverable(world, index).acks !== 0);
  return {
    shortMs: semiSyncClients(world, primary) < server.waitFor ? longMs : 0,
    stalledMs: server.waiting !== 0 && !isUnderWay ? longMs : 0,
  };
}

function evidenceOf(world: World, index: number): InstanceEvidence {
  const server = serverAt(world, index);
  return instance(index, contactOf(world, index), {
    leaving: server.ending || index >= world.wanted,
    ending: server.ending,
    detachedMs: detachedMs(world, index),
  });
}

/** A member that is only out of sight has given up its source for certain when its receiver has, or its server is down. */
function detachedMs(world: World, index: number): number {
  const server = serverAt(world, index);
  if (server.open || (isReachable(world, index) && receiverState(world, server) === 'ON')) return 0;
  const givenUp = !server.up || !server.receiver;
  return givenUp ? timing.receiverGivesUpMs + 1_000 : longMs;
}

function contactOf(world: World, index: number): Contact {
  const server = serverAt(world, index);
  if (isReachable(world, index)) return { kind: 'observed', view: viewOf(world, index), ageMs: 0 };
  return !server.up && server.net === 'joined' ? { kind: 'refused', forMs: longMs } : { kind: 'silent', forMs: longMs };
}

/** As an observation made now would have it. */
export function viewOf(world: World, index: number): InstanceView {
  const server = serverAt(world, index);
  return view(index, {
    readOnly: !server.open,
    executed: server.blank ? GtidSet.empty : gtidsOf(server.executed, originsOf(world)),
    semiSyncSource: server.waitFor > 0,
    semiSyncWaitFor: Math.max(server.waitFor, 1),
    semiSyncReplica: server.semiSyncReplica,
    semiSyncClients: semiSyncClients(world, index),
    semiSyncWaitSessions: server.waiting === 0 ? 0 : 1,
    replication: server.source < 0 ? null : replicationOf(world, server),
  });
}

function replicationOf(world: World, server: Server): ReplicationView {
  return follows(server.source, {
    receiver: receiverState(world, server),
    lastHeardMs: hears(world, server) ? 100 : timing.receiverSilentMs + 200,
    received: server.relay === 0 ? GtidSet.empty : gtidsOf(server.relay, originsOf(world)),
    applier: server.applier ? 'ON' : 'OFF',
  });
}

/** The view that was taken of a server when its receiver was stopped. */
export function seenView(world: World, index: number, seen: Seen): InstanceView {
  const origins = originsOf(world);
  const now = viewOf(world, index);
  const { replication } = now;
  return {
    ...now,
    executed: seen.blank ? GtidSet.empty : gtidsOf(seen.executed, origins),
    semiSyncReplica: seen.semiSyncReplica,
    replication: replication && { ...replication, receiver: 'OFF', received: gtidsOf(seen.relay, origins) },
  };
}

export const nameAt = (index: number): string => (index < 0 ? '' : nameOf(index));
