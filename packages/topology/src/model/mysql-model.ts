import { nameOf } from '../testing/scene.ts';
import { includes, membersOf, sizeOf, type TxSet } from './tx-set.ts';
import { Violation } from './violation.ts';
import { holdings, type Server, serverAt, type World } from './world.ts';

/**
 * MySQL as it behaves with the settings of the operator's my.cnf: row for row what was measured on MySQL 9.7. AFTER_SYNC
 * without a fall-back; a server starts closed, without replication running, with semi-sync off on both sides.
 */

/** Both ends run, and packets pass between them. A hung end keeps its connections. */
function isConnected(world: World, replica: Server): boolean {
  const source = world.servers[replica.source];
  return (
    source !== undefined && replica.receiver && replica.up && source.up && replica.net !== 'cut' && source.net !== 'cut'
  );
}

/** What the replica's receiver says of its connection. */
export function receiverState(world: World, replica: Server): 'ON' | 'OFF' | 'CONNECTING' {
  if (!replica.receiver) return 'OFF';
  const source = world.servers[replica.source];
  return source?.up ? 'ON' : 'CONNECTING';
}

/** Whether it hears from its source now. */
export function hears(world: World, replica: Server): boolean {
  return isConnected(world, replica) && world.servers[replica.source]?.hung === false;
}

/** Replicas whose acknowledgements the server counts. */
export function semiSyncClients(world: World, index: number): number {
  return world.servers.filter((replica) => replica.source === index && replica.acks && isConnected(world, replica))
    .length;
}

/** Whether a client that writes here could be told that its write is committed, now or when the server goes on. */
export function canAcknowledge(world: World, index: number): boolean {
  const server = serverAt(world, index);
  return server.up && server.open && semiSyncClients(world, index) >= server.waitFor;
}

/** A client's write: in the binary log, and waiting. */
export function write(world: World, index: number): void {
  const server = serverAt(world, index);
  const bit = 1 << world.txs.length;
  world.txs.push({ origin: index, acknowledged: false, ackedBy: 0 });
  server.waiting |= bit;
}

/** Commits that have the acknowledgements they wait for become visible, and their clients hear of it. */
export function commitReady(world: World, index: number): TxSet {
  const server = serverAt(world, index);
  if (!server.up || server.hung) return 0;
  let ready = 0;
  for (const tx of membersOf(server.waiting)) {
    // Acknowledgements name a position: those of later transactions cover the earlier ones, which came the same way.
    if (sizeOf(world.txs[tx]?.ackedBy ?? 0) < server.waitFor) break;
    ready |= 1 << tx;
  }
  return ready;
}

export function commit(world: World, index: number): void {
  const server = serverAt(world, index);
  const ready = commitReady(world, index);
  server.executed |= ready;
  server.waiting &= ~ready;
  for (const index_ of membersOf(ready)) acknowledge(world, index, index_);
}

function acknowledge(world: World, at: number, index: number): void {
  const tx = world.txs[index];
  if (!tx) return;
  tx.acknowledged = true;
  const opened = serverAt(world, world.opened);
  if (!includes(holdings(opened), 1 << index)) {
    throw new Violation(
      `${nameOf(at)} acknowledged t${String(index)}, but ${nameOf(world.opened)} was opened after it and lacks it`,
    );
  }
}

/** What the receiver would fetch now: by auto-position, everything in the source's binary log that is missing here. */
export function deliverable(world: World, index: number): { missing: TxSet; acks: TxSet } {
  const replica = serverAt(world, index);
  const source = world.servers[replica.source];
  if (!source || !hears(world, replica) || replica.hung) return { missing: 0, acks: 0 };
  const missing = (source.executed | source.waiting) & ~holdings(replica);
  if (!replica.acks) return { missing, acks: 0 };
  const after = holdings(replica) | missing;
  const acks = membersOf(source.waiting & after).filter((tx) => !((world.txs[tx]?.ackedBy ?? 0) & (1 << index)));
  return { missing, acks: acks.reduce((set, tx) => set | (1 << tx), 0) };
}

export function deliver(world: World, index: number): void {
  const { missing, acks } = deliverable(world, index);
  serverAt(world, index).relay |= missing;
  for (const tx of membersOf(acks)) {
    const acked = world.txs[tx];
    if (acked) acked.ackedBy |= 1 << index;
  }
}

/** With its own semi-sync source on, the applier would wait for acknowledgements that nobody sends. */
export function canApply(server: Server): boolean {
  return server.up && !server.hung && server.applier && server.relay !== 0 && server.waitFor === 0;
}

export function apply(world: World, index: number): void {
  const server = serverAt(world, index);
  server.executed |= server.relay;
  server.relay = 0;
}

/**
 * The process ends, by whatever. What waits for acknowledgements is in the binary log and is committed by recovery;
 * relay_log_recovery drops what was received and not applied; what was SET GLOBAL is gone.
 */
export function crash(world: World, index: number): void {
  const server = serverAt(world, index);
  for (const tx of membersOf(server.waiting)) {
    const waiting = world.txs[tx];
    if (waiting) waiting.ackedBy = 0;
  }
  server.executed |= server.waiting;
  Object.assign(server, {
    up: false,
    hung: false,
    open: false,
    waiting: 0,
    relay: 0,
    receiver: false,
    applier: false,
    acks: false,
    semiSyncReplica: false,
    waitFor: 0,
  });
  for (const engine of world.engines) {
    // Sessions end with their server; only the one that owns the cluster may open new ones.
    if (engine.life !== 'dead' && engine.name !== world.record.owner) engine.ended |= 1 << index;
    engine.tasks = engine.tasks.map((task) =>
      task.do === 'ack-step' && 'instance' in task.step && task.step.instance === nameOf(index)
        ? { ...task, session: false }
        : task,
    );
  }
}

/** `SET GLOBAL super_read_only = ON`; false when it does not return, because commits wait. */
export function close(server: Server): boolean {
  if (server.waiting !== 0) return false;
  server.open = false;
  return true;
}

/** `SET GLOBAL read_only = OFF`. */
export function open(world: World, index: number): void {
  const server = serverAt(world, index);
  const lost = world.txs.findIndex((tx, position) => tx.acknowledged && !includes(server.executed, 1 << position));
  if (lost !== -1) throw new Violation(`${nameOf(index)} is opened without the acknowledged t${String(lost)}`);
  server.open = true;
  world.opened = index;
}

/** Turning it off commits what waits, and tells the clients. */
export function setSemiSyncSource(world: World, index: number, waitFor: number): void {
  serverAt(world, index).waitFor = waitFor;
  if (waitFor === 0) commit(world, index);
}

export function stopReceiver(server: Server): void {
  server.receiver = false;
  server.acks = false;
}

/** The receiver takes the setting up when it starts. */
export function startReceiver(server: Server): void {
  server.receiver = true;
  server.acks = server.semiSyncReplica;
}

/** `RESET REPLICA ALL`: the relay log goes with it. */
export function resetReplication(server: Server): void {
  stopReceiver(server);
  Object.assign(server, { applier: false, source: -1, relay: 0 });
}
