import { decide } from '../decide.ts';
import type { InstanceEvidence, Snapshot } from '../snapshot.ts';
import { nameOf } from '../testing/scene.ts';
import { healthyWorld } from './start.ts';
import { type Subject, today } from './subject.ts';
import { cloneWorld, serverAt, type World } from './world.ts';
import { movesOf } from './world-moves.ts';

/** A mistake that an engine could make, and a world near enough to where it does harm. */
export interface PlantedBug {
  readonly name: string;
  readonly subject: Subject;
  readonly world: World;
}

const believing =
  (change: (snapshot: Snapshot) => Snapshot): Subject['decide'] =>
  (snapshot) =>
    decide(change(snapshot));

const withAckSet = (snapshot: Snapshot, change: Partial<Snapshot['recorded']['ackSet']>): Snapshot => ({
  ...snapshot,
  recorded: { ...snapshot.recorded, ackSet: { ...snapshot.recorded.ackSet, ...change } },
});

const answering = ({ recorded, instances }: Snapshot): string[] =>
  instances
    .filter(({ name, contact }) => name !== recorded.primary && contact.kind === 'observed')
    .map(({ name }) => name);

/** As if no server had been restarted since it last held everything. */
function neverRestarted(instance: InstanceEvidence): InstanceEvidence {
  const { contact } = instance;
  if (contact.kind !== 'observed') return instance;
  return { ...instance, contact: { ...contact, view: { ...contact.view, semiSyncReplica: true } } };
}

function resumedWithoutPreviousSet(snapshot: Snapshot): Snapshot {
  const { operation, ackSet } = snapshot.recorded;
  if (!operation) return snapshot;
  const forgotten = { ...operation, previousAckSet: ackSet };
  return { ...snapshot, recorded: { ...snapshot.recorded, operation: forgotten } };
}

/** A replica that follows, and is not of the ack set yet. */
function newcomer(budget: Parameters<typeof healthyWorld>[1]): World {
  const world = healthyWorld(3, budget);
  const record = { ...world.record, ackSet: { members: [nameOf(1)], k: 1 } };
  Object.assign(serverAt(world, 2), { acks: false, semiSyncReplica: false });
  return { ...world, record, engines: world.engines.map((engine) => ({ ...engine, stored: record })) };
}

/** The engine is about to start the receiver of a replica that it puts under the primary. */
function whileAttaching(budget: Parameters<typeof healthyWorld>[1]): World {
  const world = healthyWorld(3, budget);
  Object.assign(serverAt(world, 2), { receiver: false, acks: false });
  const work = {
    do: 'follow',
    server: 2,
    at: 1,
    source: 0,
    isMember: true,
    mustHold: undefined,
    freely: false,
  } as const;
  const [first, ...others] = world.engines;
  return first ? { ...world, engines: [{ ...first, tasks: [{ do: 'attach', work }] }, ...others] } : world;
}

/** The world after these moves, each named by a part of its label. */
function after(start: World, subject: Subject, ...moves: readonly string[]): World {
  const world = cloneWorld(start);
  for (const label of moves) {
    const move = movesOf(world, subject).find((one) => one.label.includes(label));
    if (!move) throw new Error(`nothing that can happen is called ${label}`);
    move.apply(world);
  }
  return world;
}

/** Asks nobody whose the cluster is. */
const claimless: Subject = { ...today, claims: false };

/**
 * The primary is back before the other engine, which believed it dead, has recorded anything; the first is about to open it
 * again, and the other to open another one.
 */
const whileReopening = (): World =>
  after(
    healthyWorld(3, { writes: 1, crashes: 1, believers: 1 }),
    claimless,
    'db-mysql-0 crashes',
    'engine-b takes over',
    'engine-b begins a failover',
    'db-mysql-0 is started again',
    'engine-a begins a reopen',
    'engine-a reopen: confirm-epoch',
    'engine-b failover: record-epoch',
    'engine-b failover: stop-receivers on db-mysql-1',
    'engine-b failover: stop-receivers on db-mysql-2',
    'engine-b failover: drain',
    'engine-b failover: record-ack-set',
  );

/** Ends no sessions: what the engine before it has under way goes on. */
const unfenced: Subject = { ...today, endsSessions: false };

/** The primary hangs with a commit that nobody has, and another engine has taken over, which the first does not know. */
const whileSucceeded = (): World =>
  after(
    whileAttaching({ writes: 1, hangs: 1, believers: 1 }),
    unfenced,
    'db-mysql-0 takes a write',
    'db-mysql-0 hangs',
    'engine-b takes over',
    'engine-b begins a failover',
    'engine-b failover: record-epoch',
    'engine-b failover: stop-receivers on db-mysql-1',
    'engine-b failover: stop-receivers on db-mysql-2',
  );

/**
 * The new primary was opened, one replica has a write of it, and its engine died before that was published; the new primary is gone, the old
 * one is back. Too few of the old ack set can tell what they have received: the replica, and the old primary for itself.
 */
export const whileTakenUp = (): World =>
  after(
    healthyWorld(3, { writes: 1, crashes: 3, engineCrashes: 1 }),
    today,
    'db-mysql-0 crashes',
    'engine-a begins a failover',
    'engine-a failover: record-epoch',
    'engine-a failover: stop-receivers on db-mysql-1',
    'engine-a failover: stop-receivers on db-mysql-2',
    'engine-a failover: drain',
    'engine-a failover: record-ack-set',
    'engine-a failover: promote',
    'engine-a puts db-mysql-2 under db-mysql-1, part 1',
    'engine-a puts db-mysql-2 under db-mysql-1, part 2',
    'db-mysql-1 takes a write',
    'db-mysql-2 receives',
    'engine-a crashes',
    'db-mysql-1 crashes',
    'db-mysql-0 is started again',
    'db-mysql-2 applies',
    'engine-b takes over',
  );

export const plantedBugs: readonly PlantedBug[] = [
  {
    name: 'an operation that was taken up is handed back, whatever was written in between',
    subject: { ...today, mayHandBack: () => true },
    world: whileTakenUp(),
  },
  {
    name: 'no ack-set memory: whoever answers now counts as the ack set',
    subject: {
      ...today,
      decide: believing((snapshot) => withAckSet(snapshot, { members: answering(snapshot) })),
    },
    world: healthyWorld(3, { writes: 1, crashes: 2 }),
  },
  {
    name: 'a replica acknowledges before it is recorded as a member',
    subject: { ...today, recordsFirst: false },
    world: newcomer({ writes: 1, crashes: 2 }),
  },
  {
    name: 'no fence: receivers are looked at and not stopped',
    subject: { ...today, stopsReceivers: false },
    world: healthyWorld(3, { writes: 1, hangs: 1 }),
  },
  {
    name: 'promotion before the drain',
    subject: { ...today, drains: false },
    world: healthyWorld(3, { writes: 1, crashes: 1 }),
  },
  {
    name: 'the quorum is off by one',
    subject: {
      ...today,
      decide: believing((snapshot) => withAckSet(snapshot, { k: snapshot.recorded.ackSet.k + 1 })),
      membersToSee: (ackSet) => today.membersToSee(ackSet) - 1,
    },
    world: healthyWorld(3, { writes: 1, crashes: 2 }),
  },
  {
    name: 'a member that was restarted counts as a witness',
    subject: {
      ...today,
      decide: believing((snapshot) => ({ ...snapshot, instances: snapshot.instances.map(neverRestarted) })),
      witnessesOf: (ackSet, instances) => today.witnessesOf(ackSet, instances.map(neverRestarted)),
    },
    world: healthyWorld(3, { writes: 1, crashes: 2 }),
  },
  {
    name: 'an operation that is taken up forgets the ack set before it',
    subject: { ...today, decide: believing(resumedWithoutPreviousSet) },
    world: healthyWorld(3, { writes: 1, crashes: 2, engineCrashes: 1 }),
  },
  {
    name: 'repairs go on while a plan runs',
    subject: { ...today, endsTasks: false },
    world: whileAttaching({ writes: 1, hangs: 1 }),
  },
  {
    name: 'no record of a reopen: two engines believe that they own the cluster, and neither asks',
    subject: claimless,
    world: whileReopening(),
  },
  {
    name: 'statements of the former owner still arrive',
    subject: unfenced,
    world: whileSucceeded(),
  },
];
