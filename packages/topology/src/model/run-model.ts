import { failoverSteps, type Plan, type Step, stepsFrom } from '../plan.ts';
import { fullAcks } from '../quorum.ts';
import { viewOf as answerOf, heldBy, type InstanceEvidence } from '../snapshot.ts';
import { indexOf, isReachable, nameAt, seenView, snapshotOf } from './evidence.ts';
import { open, receiverState, setSemiSyncSource, startReceiver, stopReceiver } from './mysql-model.ts';
import { ended, replaceRecord } from './record-model.ts';
import type { Subject } from './subject.ts';
import { includes } from './tx-set.ts';
import { type Engine, type ModelRecord, type Run, serverAt, type Work, type World } from './world.ts';

/**
 * How a plan is run: apps/topology-engine/src/act/run-plan.ts, undo.ts and steps/*.ts, statement by statement. Whatever
 * happens between two statements of the engine can happen between two calls of `doStep`.
 */
export function beginRun(world: World, engine: Engine, plan: Plan, subject: Subject): void {
  const { operation } = engine.stored;
  if (operation && operation.engine !== engine.name) {
    const taken = { ...engine.stored, operation: { ...operation, engine: engine.name } };
    if (!replaceRecord(world, engine, taken, subject)) return;
  }
  engine.run = {
    plan,
    steps: plan.steps,
    at: 0,
    work: [],
    besides: [],
    candidate: indexOf(plan.to),
    mustApply: undefined,
    via: -1,
    seen: world.servers.map(() => undefined),
    opened: false,
    undoing: 'no',
  };
  enter(world, engine, subject);
}

/** Goes on with the next step. */
function advance(world: World, engine: Engine, subject: Subject, change: Partial<Run> = {}): void {
  const run = runOf(engine);
  engine.run = { ...run, at: 0, work: [], ...change, steps: run.steps.slice(1) };
  enter(world, engine, subject);
}

/** Sets out what the step that is now the first has to do; steps beside and those without a statement pass at once. */
function enter(world: World, engine: Engine, subject: Subject): void {
  const run = runOf(engine);
  const [step] = run.steps;
  if (!step) {
    finish(engine);
    return;
  }
  if (step.beside) {
    const work = workOf(step, world, engine).map((piece) => ({ ...piece, freely: step.beside === 'freely' }));
    advance(world, engine, subject, { besides: [...run.besides, ...work] });
    return;
  }
  if (step.do === 'choose') {
    choose(world, engine, subject);
    return;
  }
  engine.run = { ...run, work: workOf(step, world, engine) };
}

/** The run is over when nothing that it waits for goes on beside it. */
function finish(engine: Engine): void {
  const run = runOf(engine);
  if (run.steps.length === 0 && run.undoing === 'no' && run.besides.every((work) => work.freely))
    engine.run = undefined;
}

function workOf(step: Step, world: World, engine: Engine): readonly Work[] {
  const run = runOf(engine);
  const from = indexOf(run.plan.from);
  const piece = (what: Work['do'], server: number, isMember = false): Work => ({
    do: what,
    server,
    at: 0,
    source: run.candidate,
    isMember,
    mustHold: step.do === 're-point' ? run.mustApply : undefined,
    freely: false,
  });
  const others = world.servers.flatMap((_, index) => (index === run.candidate ? [] : [index]));
  switch (step.do) {
    case 'fence-old':
      return world.servers[from]?.up ? [piece('fence', from)] : [];
    case 'detach':
      return [piece('detach', run.candidate)];
    case 'stop-receivers':
      return world.servers.flatMap((_, index) =>
        index !== from && isReachable(world, index) ? [piece('stop', index)] : [],
      );
    case 're-point': {
      const { members } = engine.stored.ackSet;
      return others
        .filter((index) => isToFollow(world, run, index))
        .map((index) => piece('follow', index, members.includes(nameAt(index))));
    }
    case 'move-siblings':
      return movingSiblings(world, run).map((index) =>
        piece('follow', index, run.plan.previousAckSet.members.includes(nameAt(index))),
      );
    default:
      return [];
  }
}

function isToFollow(world: World, run: Run, index: number): boolean {
  const server = serverAt(world, index);
  if (!isReachable(world, index) || server.ending || server.blank) return false;
  if (server.source === run.candidate && receiverState(world, server) === 'ON') return false;
  return nameAt(index) !== run.plan.from || run.plan.kind === 'switchover';
}

function movingSiblings(world: World, run: Run): number[] {
  const { members, k } = run.plan.previousAckSet;
  const siblings = world.servers.flatMap((server, index) => {
    const leaving = server.ending || index >= world.wanted;
    const isSibling = index !== indexOf(run.plan.from) && index !== run.candidate && !leaving;
    return isSibling && isReachable(world, index) && receiverState(world, server) === 'ON' ? [index] : [];
  });
  const stayBehind = Math.max(k - (members.includes(nameAt(run.candidate)) ? 1 : 0), 0);
  return siblings.slice(0, Math.max(siblings.length - stayBehind, 0));
}

/** Mirrors steps/election.ts, chooseCandidateNow. */
function choose(world: World, engine: Engine, subject: Subject): void {
  const run = runOf(engine);
  const { previousAckSet } = run.plan;
  const evidence = snapshotOf(world, engine.stored).instances.flatMap((instance): InstanceEvidence[] => {
    const seen = run.seen[instance.ordinal];
    if (!seen) return [];
    return [{ ...instance, contact: { kind: 'observed', view: seenView(world, instance.ordinal, seen), ageMs: 0 } }];
  });
  const witnesses = subject.witnessesOf(previousAckSet, evidence).length;
  const { policy, instances } = snapshotOf(world, engine.stored);
  const choosing = { policy, from: instances[indexOf(run.plan.from)], canFetch: true };
  const choice = subject.chooseCandidate(evidence, choosing);
  if (witnesses < subject.membersToSee(previousAckSet) || choice.kind === 'none') {
    fail(world, engine, subject);
    return;
  }
  const planned = evidence.filter((instance) => {
    const view = answerOf(instance);
    return instance.ordinal === run.candidate && view !== undefined && heldBy(view).contains(choice.mustApply);
  });
  const isKept = subject.chooseCandidate(planned, choosing).kind === 'chosen';
  const candidate = isKept ? run.candidate : indexOf(choice.name);
  const mustApply = run.seen.reduce((set, seen) => set | (seen ? seen.executed | seen.relay : 0), 0);
  advance(world, engine, subject, { candidate, mustApply, via: choice.via === undefined ? -1 : indexOf(choice.via) });
}

/** A step failed: what its row in the plan says. */
export function fail(world: World, engine: Engine, subject: Subject): void {
  const run = runOf(engine);
  const [step] = run.steps;
  if (step?.otherwise === 'go-on') {
    advance(world, engine, subject);
  } else if (step?.otherwise === 'escalate') {
    engine.run = { ...run, at: 0, work: [], steps: stepsFrom(failoverSteps, 'fence-old') };
    enter(world, engine, subject);
  } else {
    const isUndone =
      !run.opened && run.plan.kind !== 'bootstrap' && run.plan.kind !== 'reopen' && engine.stored.operation;
    engine.run = { ...run, steps: [], work: [], at: 0, undoing: isUndone ? 'record' : 'no' };
    finish(engine);
  }
}

/** Another engine was faster: nothing more is begun. */
function outrun(engine: Engine): void {
  engine.run = { ...runOf(engine), steps: [], work: [], at: 0, undoing: 'no' };
  finish(engine);
}

function runOf(engine: Engine): Run {
  if (!engine.run) throw new Error('this engine runs no plan');
  return engine.run;
}

/** Whether the current step waits for something that has not come about. */
export function isWaiting(world: World, engine: Engine, subject: Subject): boolean {
  const run = runOf(engine);
  switch (run.steps[0]?.do) {
    case 'move-siblings':
      return run.work.length === 0 && !hasCaughtUp(world, run);
    case 'drain':
      if (!subject.drains) return false;
      return isDraining(world, run);
    case 'settle':
      return !run.besides.every((work) => work.freely) || holders(world, engine).length < engine.stored.ackSet.k;
    case undefined:
      return run.undoing === 'no';
    default:
      return false;
  }
}

function isDraining(world: World, { candidate, mustApply = 0, via }: Run): boolean {
  const server = serverAt(world, candidate);
  const isUnderWay = server.applier && (via < 0 || server.source === via);
  return isReachable(world, candidate) && isUnderWay && !includes(server.executed, mustApply);
}

function hasCaughtUp(world: World, run: Run): boolean {
  const old = indexOf(run.plan.from);
  if (!isReachable(world, old)) return true;
  return includes(serverAt(world, run.candidate).executed, serverAt(world, old).executed);
}

function holders(world: World, engine: Engine): string[] {
  const { mustApply } = runOf(engine);
  return engine.stored.ackSet.members.filter((name) => {
    const index = indexOf(name);
    const { executed, relay } = serverAt(world, index);
    return isReachable(world, index) && includes(executed | relay, mustApply ?? 0);
  });
}

/** The next statement, or write of the record, of the current step. `late`: its deadline has passed instead. */
export function doStep(world: World, engine: Engine, subject: Subject, late = false): void {
  const run = runOf(engine);
  const [step] = run.steps;
  if (!step) {
    undo(world, engine, subject);
    return;
  }
  if (late && step.do !== 'settle') {
    fail(world, engine, subject);
    return;
  }
  const record = (next: ModelRecord): void => {
    if (replaceRecord(world, engine, next, subject)) advance(world, engine, subject);
    else outrun(engine);
  };
  switch (step.do) {
    case 'record-intent':
      record({ ...engine.stored, operation: operationOf(engine, 'preparing') });
      return;
    case 'record-epoch':
      record({
        ...engine.stored,
        primary: nameAt(run.candidate),
        epoch: engine.stored.epoch + 1,
        writable: false,
        ackSet: ackSetOfNewEpoch(world, engine),
        operation: operationOf(engine, 'switching'),
      });
      return;
    case 'confirm-epoch':
      record(engine.stored);
      return;
    case 'record-ack-set': {
      const { operation } = engine.stored;
      if (run.mustApply === undefined) {
        if (isReachable(world, run.candidate)) learnWhatItHas(world, engine);
        else fail(world, engine, subject);
        return;
      }
      record({
        ...engine.stored,
        primary: nameAt(run.candidate),
        ackSet: ackSetOfNewEpoch(world, engine),
        ...(operation && { operation: { ...operation, to: nameAt(run.candidate) } }),
      });
      return;
    }
    case 'publish':
      record({ ...engine.stored, writable: true, initialized: true });
      return;
    case 'settle':
      record(settled(world, engine));
      return;
    default:
      if (!doStatement(step, world, engine, subject)) fail(world, engine, subject);
  }
}

/** @returns false when the statement failed */
function doStatement(step: Step, world: World, engine: Engine, subject: Subject): boolean {
  const run = runOf(engine);
  const candidate = serverAt(world, run.candidate);
  const from = indexOf(run.plan.from);
  switch (step.do) {
    case 'prepare-first':
      if (!isReachable(world, run.candidate)) return false;
      candidate.blank = false;
      advance(world, engine, subject);
      return true;
    case 'stop-receivers':
      stopNext(world, engine, subject);
      return true;
    case 'move-siblings':
      advance(world, engine, subject);
      return true;
    case 'close-old': {
      if (!isReachable(world, from) || serverAt(world, from).waiting !== 0) return false;
      serverAt(world, from).open = false;
      advance(world, engine, subject, { mustApply: serverAt(world, from).executed });
      return true;
    }
    case 'drain':
      return drain(world, engine, subject);
    case 'promote':
      return promote(world, engine, subject);
    default:
      // `detach` and `re-point` in the row of the steps, as `reopen` has it: their work is done.
      advance(world, engine, subject);
      return true;
  }
}

function stopNext(world: World, engine: Engine, subject: Subject): void {
  const run = runOf(engine);
  const [next, ...rest] = run.work;
  if (!next) {
    advance(world, engine, subject);
    return;
  }
  const server = serverAt(world, next.server);
  const answers = isReachable(world, next.server);
  if (answers && subject.stopsReceivers) stopReceiver(server);
  const { executed, relay, semiSyncReplica, blank } = server;
  const seen = run.seen.map((was, index) =>
    index === next.server && answers ? { executed, relay, semiSyncReplica, blank } : was,
  );
  engine.run = { ...run, seen, work: rest };
  if (rest.length === 0) advance(world, engine, subject);
}

function drain(world: World, engine: Engine, subject: Subject): boolean {
  const { candidate, mustApply = 0, via } = runOf(engine);
  const server = serverAt(world, candidate);
  if (!isReachable(world, candidate)) return false;
  if (includes(server.executed, mustApply) || !subject.drains) {
    if (via >= 0) stopReceiver(server);
    advance(world, engine, subject);
    return true;
  }
  if (via >= 0 && server.source !== via) {
    server.source = via;
    startReceiver(server);
  }
  server.applier = server.source >= 0;
  return server.applier;
}

function promote(world: World, engine: Engine, subject: Subject): boolean {
  const run = runOf(engine);
  if (!isReachable(world, run.candidate)) return false;
  const { k } = engine.stored.ackSet;
  if (k > 0) setSemiSyncSource(world, run.candidate, k);
  open(world, run.candidate);
  advance(world, engine, subject, { opened: true });
  return true;
}

/** An operation that was taken up here did not drain: what the candidate has is what it opens, or has opened, with. */
function learnWhatItHas(world: World, engine: Engine): void {
  const run = runOf(engine);
  engine.run = { ...run, mustApply: serverAt(world, run.candidate).executed };
}

function ackSetOfNewEpoch(world: World, engine: Engine): ModelRecord['ackSet'] {
  const run = runOf(engine);
  if (run.plan.kind === 'bootstrap') return { members: [], k: 0 };
  const snapshot = snapshotOf(world, engine.stored);
  const anySeen = run.seen.some((seen) => seen !== undefined);
  const members = snapshot.instances
    .filter((instance) => instance.ordinal !== run.candidate && !instance.leaving)
    .filter((instance) => run.plan.kind === 'switchover' || instance.name !== run.plan.from)
    .filter((instance) => (anySeen ? run.seen[instance.ordinal] !== undefined : answerOf(instance) !== undefined))
    .filter((instance) => answerOf(instance)?.executed.isEmpty() === false)
    .map((instance) => instance.name)
    .sort();
  const full = fullAcks(world.wanted);
  return { members, k: world.durability === 'required' ? full : Math.min(full, members.length) };
}

function settled(world: World, engine: Engine): ModelRecord {
  const { stored } = engine;
  const holding = holders(world, engine);
  if (holding.length >= stored.ackSet.k) return ended(stored, {});
  const k = world.durability === 'required' ? stored.ackSet.k : holding.length;
  return ended(stored, { ackSet: { members: holding, k } });
}

function operationOf(engine: Engine, phase: 'preparing' | 'switching'): NonNullable<ModelRecord['operation']> {
  const { plan, candidate } = runOf(engine);
  const { operation, epoch } = engine.stored;
  const kind = plan.kind === 'reopen' || plan.kind === 'order' ? 'failover' : plan.kind;
  return {
    id: operation?.id ?? `${kind}-${String(epoch + 1)}`,
    kind,
    from: plan.from,
    to: nameAt(candidate),
    phase,
    engine: engine.name,
    previousAckSet: plan.previousAckSet,
  };
}

/** Mirrors undo.ts: the old primary leads again under a new epoch, and is opened if it answers. */
function undo(world: World, engine: Engine, subject: Subject): void {
  const run = runOf(engine);
  const { plan } = run;
  const { stored } = engine;
  if (run.undoing === 'record') {
    const back =
      stored.operation?.phase === 'switching' ? { primary: plan.from, epoch: stored.epoch + 1, writable: false } : {};
    const won = replaceRecord(world, engine, ended(stored, { ...back, ackSet: plan.previousAckSet }), subject);
    engine.run = { ...run, undoing: won && plan.kind === 'switchover' ? 'reopen' : 'no' };
  } else {
    const old = indexOf(plan.from);
    if (isReachable(world, old)) open(world, old);
    engine.run = { ...run, undoing: 'no' };
  }
  finish(engine);
}

/** A piece of work beside the steps went on, or is over. */
export function updateBeside(engine: Engine, position: number, work: Work | undefined): void {
  const run = runOf(engine);
  const besides = run.besides.flatMap((piece, index) => (index === position ? (work ? [work] : []) : [piece]));
  engine.run = { ...run, besides };
  finish(engine);
}

/** The same for the current step's own pieces. */
export function updateWork(engine: Engine, position: number, work: Work | undefined): void {
  const run = runOf(engine);
  engine.run = {
    ...run,
    work: run.work.flatMap((piece, index) => (index === position ? (work ? [work] : []) : [piece])),
  };
}
