import { membersOf, type TxSet } from './tx-set.ts';
import type { Engine, ModelRecord, Run, Server, Task, Work, World } from './world.ts';

/**
 * A number for a world, the same for worlds that differ only in names: transactions are numbered by origin and order,
 * epochs count from the recorded one, engines have no identity but what they do. Servers keep theirs, because ordinals
 * break ties in decisions.
 */
export function canonicalHash(world: World): number {
  return hash53(canonicalText(world));
}

/** Forgets transactions that every server has executed: they can't be lost, and nothing depends on them. */
export function compact(world: World): void {
  const everywhere = world.servers.reduce((set, server) => set & server.executed, ~0);
  const kept = world.txs.flatMap((_, index) => ((everywhere >> index) & 1 ? [] : [index]));
  const order = kept.sort((a, b) => (world.txs[a]?.origin ?? 0) - (world.txs[b]?.origin ?? 0) || a - b);
  if (order.length === world.txs.length && order.every((index, position) => index === position)) return;
  const moved = (set: TxSet): TxSet => order.reduce((sum, old, position) => sum | (((set >> old) & 1) << position), 0);
  world.txs.splice(0, world.txs.length, ...order.flatMap((index) => world.txs[index] ?? []));
  for (const server of world.servers) {
    server.executed = moved(server.executed);
    server.waiting = moved(server.waiting);
    server.relay = moved(server.relay);
  }
  for (const engine of world.engines) {
    engine.run = engine.run && moveRun(engine.run, moved);
    engine.tasks = engine.tasks.map((task) => (task.do === 'ack-step' ? { ...task, must: moved(task.must) } : task));
  }
}

function moveRun(run: Run, moved: (set: TxSet) => TxSet): Run {
  const movedIfKnown = (set: TxSet | undefined): TxSet | undefined => (set === undefined ? undefined : moved(set));
  const moveWork = (work: Work): Work => ({ ...work, mustHold: movedIfKnown(work.mustHold) });
  return {
    ...run,
    mustApply: movedIfKnown(run.mustApply),
    work: run.work.map(moveWork),
    besides: run.besides.map(moveWork),
    seen: run.seen.map((one) => one && { ...one, executed: moved(one.executed), relay: moved(one.relay) }),
  };
}

function canonicalText(world: World): string {
  const { record } = world;
  const engines = world.engines
    .map((engine) => ({ name: engine.name, text: engineText(engine, record) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  const executing = engines.findIndex(({ name }) => name === record.operation?.engine);
  return [
    Object.values(world.budget).join(','),
    world.wanted,
    world.opened,
    world.txs.map((tx) => `${String(tx.origin)}${tx.acknowledged ? 'a' : 'u'}${String(tx.ackedBy)}`).join(','),
    world.servers.map(serverText).join('/'),
    recordText(record, record.epoch),
    executing,
    ...engines.map(({ text }) => text),
  ].join('|');
}

const flags = (...all: boolean[]): number => all.reduce((sum, flag) => sum * 2 + (flag ? 1 : 0), 0);

function serverText(server: Server): string {
  const { blank, up, hung, open, receiver, applier, acks, semiSyncReplica, ending } = server;
  const bits = flags(blank, up, hung, open, receiver, applier, acks, semiSyncReplica, ending);
  return `${String(bits)} ${server.net.slice(0, 1)}${String(server.executed)} ${String(server.waiting)} ${String(server.relay)} ${String(server.source)} ${String(server.waitFor)}`;
}

function recordText(record: ModelRecord, epoch: number): string {
  const { operation } = record;
  const text = `${record.primary} ${String(record.epoch - epoch)} ${ackText(record.ackSet)} ${String(record.writable)}${String(record.initialized)}`;
  if (!operation) return text;
  const { kind, from, to, phase, previousAckSet } = operation;
  return `${text} ${kind} ${from} ${to} ${phase} ${ackText(previousAckSet)}`;
}

const ackText = ({ members, k }: ModelRecord['ackSet']): string => `${members.join()}:${String(k)}`;

function engineText(engine: Engine, record: ModelRecord): string {
  const { life, stored, run, tasks, ended } = engine;
  if (life === 'dead') return '-';
  const same = stored === record;
  const mine = flags(stored.operation?.engine === engine.name, record.owner === engine.name);
  const knows = same ? '=' : recordText(stored, record.epoch);
  const text = `${life} ${knows} ${String(mine)} ${String(ended)} ${run ? runText(run) : ''}`;
  return tasks.length === 0 ? text : `${text} ${tasks.map((task) => taskText(task, record.epoch)).join(';')}`;
}

function runText(run: Run): string {
  const { plan, takenUp, steps, at, work, besides, candidate, mustApply, via, seen, opened, undoing } = run;
  const seenText = seen
    .map((one) =>
      one ? `${String(one.executed)} ${String(one.relay)} ${String(flags(one.semiSyncReplica, one.blank))}` : '',
    )
    .join('/');
  return [
    plan.kind,
    plan.from,
    plan.to,
    ackText(plan.previousAckSet),
    steps.length,
    steps[0]?.do,
    at,
    work.map(workText).join(),
    besides.map(workText).join(),
    candidate,
    mustApply,
    via,
    seenText,
    opened,
    takenUp,
    undoing,
  ].join(' ');
}

const workText = (work: Work): string =>
  `${work.do}${String(work.server)}${String(work.at)}${String(work.source)}${String(work.isMember)}${String(work.mustHold)}`;

function taskText(task: Task, epoch: number): string {
  if (task.do === 'attach') return workText(task.work);
  const { step, at, must, before, session } = task;
  const about = 'instance' in step ? step.instance : String(step.k);
  return `${step.do} ${about} ${String(at)} ${String(task.epoch - epoch)} ${membersOf(must).join()} ${ackText(before)} ${String(session)} ${task.operations.length}`;
}

// Taken once: in jest a look-up of a global costs ten times what the multiplication does.
const { imul } = Math;

/** cyrb53: 53 bits, so that a Set of plain numbers keeps them; among ten million worlds two collide by 0.5 %. */
function hash53(text: string): number {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    h1 = imul(h1 ^ code, 2_654_435_761);
    h2 = imul(h2 ^ code, 1_597_334_677);
  }
  h1 = imul(h1 ^ (h1 >>> 16), 2_246_822_507) ^ imul(h2 ^ (h2 >>> 13), 3_266_489_909);
  h2 = imul(h2 ^ (h2 >>> 16), 2_246_822_507) ^ imul(h1 ^ (h1 >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & h2) + (h1 >>> 0);
}
