import { failoverSteps, type Plan, type Step, stepsFrom } from '../plan.ts';
import { indexOf, snapshotOf } from './evidence.ts';
import { open } from './mysql-model.ts';
import { ended, replaceRecord } from './record-model.ts';
import { choose } from './run-choice.ts';
import { isRecorded, recordOf } from './run-records.ts';
import { isSettled, runOf } from './run-state.ts';
import { doStatement } from './run-statements.ts';
import { workOf } from './run-work.ts';
import type { Subject } from './subject.ts';
import { tell } from './tenure-model.ts';
import { type Engine, type Run, serverAt, type Work, type World } from './world.ts';

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
    takenUp: operation !== undefined,
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
  } else if (step.beside) {
    const work = workOf(step, world, engine).map((piece) => ({ ...piece, freely: step.beside === 'freely' }));
    advance(world, engine, subject, { besides: [...run.besides, ...work] });
  } else if (step.do === 'choose') {
    const chosen = choose(world, engine, subject);
    if (chosen) advance(world, engine, subject, chosen);
    else fail(world, engine, subject);
  } else {
    engine.run = { ...run, work: workOf(step, world, engine) };
  }
}

/** The run is over when nothing that it waits for goes on beside it. */
function finish(engine: Engine): void {
  const run = runOf(engine);
  if (run.steps.length === 0 && run.undoing === 'no' && isSettled(run)) engine.run = undefined;
}

/** A step failed: what its row in the plan says. */
function fail(world: World, engine: Engine, subject: Subject): void {
  const run = runOf(engine);
  const [step] = run.steps;
  if (step?.otherwise === 'go-on') {
    advance(world, engine, subject);
  } else if (step?.otherwise === 'escalate') {
    engine.run = { ...run, at: 0, work: [], steps: stepsFrom(failoverSteps, 'fence-old') };
    enter(world, engine, subject);
  } else {
    const isUndone =
      !run.opened &&
      run.plan.kind !== 'bootstrap' &&
      run.plan.kind !== 'reopen' &&
      engine.stored.operation &&
      (!run.takenUp || subject.mayHandBack(snapshotOf(world, engine.stored), run.plan.from));
    engine.run = { ...run, steps: [], work: [], at: 0, undoing: isUndone ? 'record' : 'no' };
    finish(engine);
  }
}

/** Another engine was faster: nothing more is begun. */
function outrun(engine: Engine): void {
  engine.run = { ...runOf(engine), steps: [], work: [], at: 0, undoing: 'no' };
  finish(engine);
}

/** The next statement, or write of the record, of the current step. `late`: its deadline has passed instead. */
export function doStep(world: World, engine: Engine, subject: Subject, late = false): void {
  const [step] = runOf(engine).steps;
  if (!step) {
    undo(world, engine, subject);
  } else if (late && step.do !== 'settle') {
    fail(world, engine, subject);
  } else {
    carryOut(step, world, engine, subject);
  }
}

function carryOut(step: Step, world: World, engine: Engine, subject: Subject): void {
  if (step.do === 'record-ack-set' && runOf(engine).mustApply === undefined) {
    if (!learnWhatItHas(world, engine, subject)) fail(world, engine, subject);
    return;
  }
  const next = recordOf(step, world, engine);
  if (next) {
    const isThere = step.do === 'record-ack-set' && isRecorded(next, engine);
    if (isThere || replaceRecord(world, engine, next, subject)) advance(world, engine, subject);
    else outrun(engine);
    return;
  }
  const outcome = doStatement(step, world, engine, subject);
  if (outcome === 'failed') fail(world, engine, subject);
  else if (outcome !== 'goes on') advance(world, engine, subject, outcome.done);
}

/** An operation that was taken up here did not drain: what the candidate has is what it opens, or has opened, with. */
function learnWhatItHas(world: World, engine: Engine, subject: Subject): boolean {
  const run = runOf(engine);
  if (!tell(world, engine, run.candidate, subject)) return false;
  engine.run = { ...run, mustApply: serverAt(world, run.candidate).executed };
  return true;
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
    if (tell(world, engine, old, subject)) open(world, old);
    engine.run = { ...run, undoing: 'no' };
  }
  finish(engine);
}

/** A piece of work beside the steps went on, or is over. */
export function updateBeside(engine: Engine, position: number, work: Work | undefined): void {
  const run = runOf(engine);
  engine.run = { ...run, besides: replaced(run.besides, position, work) };
  finish(engine);
}

/** The same for the current step's own pieces. */
export function updateWork(engine: Engine, position: number, work: Work | undefined): void {
  const run = runOf(engine);
  engine.run = { ...run, work: replaced(run.work, position, work) };
}

const replaced = (all: readonly Work[], position: number, work: Work | undefined): Work[] =>
  all.flatMap((piece, index) => (index === position ? (work ? [work] : []) : [piece]));
