import { fullAcks } from '../quorum.ts';
import type { Durability } from '../snapshot.ts';
import { nameOf } from '../testing/scene.ts';
import type { Budget, Engine, ModelRecord, Server, World } from './world.ts';

const noBudget: Budget = {
  writes: 0,
  crashes: 0,
  losses: 0,
  hangs: 0,
  cuts: 0,
  blinds: 0,
  engineCrashes: 0,
  enginePauses: 0,
  believers: 0,
  departures: 0,
  resizes: 0,
};

/** A healthy cluster of so many instances: the first leads, the others follow and acknowledge; one engine looks after it. */
export function healthyWorld(instances: number, budget: Partial<Budget>, durability: Durability = 'preferred'): World {
  const members = Array.from({ length: instances - 1 }, (_, index) => nameOf(index + 1));
  const ackSet = { members, k: fullAcks(instances) };
  const record: ModelRecord = {
    primary: nameOf(0),
    epoch: 1,
    initialized: true,
    ackSet,
    writable: true,
    identities: {},
    owner: 'engine-a',
  };
  return {
    durability,
    wanted: instances,
    servers: Array.from({ length: instances }, (_, index) => (index === 0 ? primary(ackSet.k) : replica())),
    txs: [],
    record,
    engines: [engine('engine-a', 'running', record), engine('engine-b', 'dead', record)],
    opened: 0,
    lost: false,
    budget: { ...noBudget, ...budget },
  };
}

/** Servers without data, and nothing recorded. */
export function blankWorld(instances: number, budget: Partial<Budget>): World {
  const healthy = healthyWorld(instances, budget);
  const record: ModelRecord = {
    primary: '',
    epoch: 0,
    initialized: false,
    ackSet: { members: [], k: 0 },
    writable: false,
    identities: {},
    owner: 'engine-a',
  };
  return {
    ...healthy,
    servers: healthy.servers.map(() => ({
      ...replica(),
      blank: true,
      source: -1,
      receiver: false,
      applier: false,
      acks: false,
      semiSyncReplica: false,
    })),
    record,
    engines: healthy.engines.map((one) => ({ ...one, stored: record })),
  };
}

const engine = (name: string, life: Engine['life'], stored: ModelRecord): Engine => ({
  name,
  life,
  stored,
  run: undefined,
  tasks: [],
  ended: 0,
});

const replica = (): Server => ({
  blank: false,
  up: true,
  hung: false,
  net: 'joined',
  open: false,
  executed: 0,
  waiting: 0,
  relay: 0,
  source: 0,
  receiver: true,
  applier: true,
  acks: true,
  semiSyncReplica: true,
  waitFor: 0,
  ending: false,
});

const primary = (waitFor: number): Server => ({
  ...replica(),
  open: true,
  source: -1,
  receiver: false,
  applier: false,
  acks: false,
  semiSyncReplica: false,
  waitFor,
});
