import {
  close,
  crash,
  receiverState,
  resetReplication,
  setSemiSyncSource,
  startReceiver,
  stopReceiver,
} from './mysql-model.ts';
import type { Subject } from './subject.ts';
import { tell } from './tenure-model.ts';
import { includes } from './tx-set.ts';
import { type Engine, serverAt, type Work, type World } from './world.ts';

/**
 * The next statement of a piece of work; undefined when it is done or failed. A follow has two: what comes before
 * `START REPLICA` leaves the server without a receiver. Mirrors apps/topology-engine/src/act/replication.ts (follow) and
 * the statements of steps/hand-over.ts (fenceOld) and steps/promotion.ts (detach).
 */
export function doWork(world: World, engine: Engine, work: Work, subject: Subject): Work | undefined {
  switch (work.do) {
    case 'follow':
      return tell(world, engine, work.server, subject) ? follow(world, work) : undefined;
    case 'fence': {
      // The agent answers when mysqld does not.
      const server = serverAt(world, work.server);
      if (server.up && server.net === 'joined') crash(world, work.server);
      return undefined;
    }
    case 'detach': {
      const server = serverAt(world, work.server);
      if (!tell(world, engine, work.server, subject)) return undefined;
      resetReplication(server);
      server.semiSyncReplica = false;
      return undefined;
    }
    case 'stop':
      throw new Error('stopping receivers is the work of its step');
    default:
      return work.do satisfies never;
  }
}

function follow(world: World, work: Work): Work | undefined {
  const server = serverAt(world, work.server);
  if (work.at === 1) {
    server.applier = true;
    startReceiver(server);
    return undefined;
  }
  const { source, isMember, mustHold } = work;
  const keepsAll = server.semiSyncReplica && server.applier;
  const acknowledges = isMember && (keepsAll || (mustHold !== undefined && includes(server.executed, mustHold)));
  const already =
    !server.open &&
    server.semiSyncReplica === acknowledges &&
    server.source === source &&
    receiverState(world, server) !== 'OFF' &&
    server.applier;
  if (already || !close(server)) return undefined;
  if (server.waitFor > 0) setSemiSyncSource(world, work.server, 0);
  if (server.source >= 0 && server.applier) stopReceiver(server);
  else resetReplication(server);
  server.semiSyncReplica = acknowledges;
  server.source = source;
  return { ...work, at: 1 };
}
