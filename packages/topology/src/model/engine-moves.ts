import { isUnderCare } from '../cluster-state.ts';
import type { Repair } from '../repair.ts';
import { nameOf } from '../testing/scene.ts';
import { ackTaskLabel, doAckOperation, operationsOf, isWaiting as taskIsWaiting } from './ack-task-model.ts';
import { indexOf, isReachable, nameAt, snapshotOf } from './evidence.ts';
import { doWork } from './follow-model.ts';
import type { Move } from './move.ts';
import { close, crash, resetReplication } from './mysql-model.ts';
import { ended, isCurrent, replaceRecord } from './record-model.ts';
import { beginRun, doStep, updateBeside, updateWork } from './run-model.ts';
import { isWaiting } from './run-waits.ts';
import type { Subject } from './subject.ts';
import { confirm, firstUnfenced, owns, Superseded, tell } from './tenure-model.ts';
import { type Engine, serverAt, type Task, type Work, type World } from './world.ts';

/** Everything that an engine may do next: ClusterLoop of apps/topology-engine/src/cluster-loop.ts, and what it has under way. */
export function engineMoves(world: World, index: number, subject: Subject): Move[] {
  const engine = world.engines[index];
  if (engine?.life !== 'running') return [];
  const moves: Move[] = [];
  const can = (label: string, act: (world: World, engine: Engine) => void, by: Move['by'] = 'engine'): void => {
    moves.push({ label: `${engine.name} ${label}`, by, apply: (next) => attempt(next, engineAt(next, index), act) });
  };
  if (!owns(world, engine, subject)) can('finds that another engine owns the cluster', (_, self) => end(self));
  if (engine.run) runMoves(world, engine, subject, can);
  else loopMoves(world, engine, subject, can);
  for (const [position, task] of engine.tasks.entries()) taskMoves(world, task, position, subject, can);
  return moves;
}

/** Whoever finds that another engine owns the cluster ends its loop. */
function attempt(world: World, engine: Engine, act: (world: World, engine: Engine) => void): void {
  try {
    act(world, engine);
  } catch (error: unknown) {
    if (!(error instanceof Superseded)) throw error;
    end(engine);
  }
}

/** What it has in memory is gone. */
export function end(engine: Engine): void {
  Object.assign(engine, { life: 'dead', run: undefined, tasks: [], ended: 0 });
}

type Can = (label: string, act: (world: World, engine: Engine) => void, by?: Move['by']) => void;

function engineAt(world: World, index: number): Engine {
  const engine = world.engines[index];
  if (!engine) throw new Error(`no engine ${String(index)}`);
  return engine;
}

function runMoves(world: World, engine: Engine, subject: Subject, can: Can): void {
  const { run } = engine;
  if (!run) return;
  const [step] = run.steps;
  const what = step ? `${run.plan.kind}: ${step.do}` : `undoes the ${run.plan.kind}`;
  for (const [position, work] of run.besides.entries()) {
    can(describe(work), (next, self) => updateBeside(self, position, doWork(next, self, work, subject)));
  }
  if (step && step.do !== 'stop-receivers' && run.work.length > 0) {
    for (const [position, work] of run.work.entries()) {
      can(`${what}: ${describe(work)}`, (next, self) => updateWork(self, position, doWork(next, self, work, subject)));
    }
    return;
  }
  if (!isWaiting(world, engine, subject)) can(detail(what, run), (next, self) => doStep(next, self, subject));
  else if (step && run.besides.every((work) => work.freely))
    can(`${what}: gives up`, (next, self) => doStep(next, self, subject, true), 'deadline');
}

function detail(what: string, run: NonNullable<Engine['run']>): string {
  const [stopping] = run.work;
  if (stopping) return `${what} on ${nameOf(stopping.server)}`;
  return run.steps[0]?.do === 'promote' ? `${what} ${nameOf(run.candidate)}, statement ${String(run.at + 1)}` : what;
}

const describe = (work: Work): string =>
  work.do === 'follow'
    ? `puts ${nameOf(work.server)} under ${nameAt(work.source)}, part ${String(work.at + 1)}`
    : `${work.do} ${nameOf(work.server)}`;

function loopMoves(world: World, engine: Engine, subject: Subject, can: Can): void {
  if (owns(world, engine, subject) && !isCurrent(world, engine)) {
    can('finds that the record was changed', (next, self) => {
      self.stored = next.record;
    });
  }
  const unfenced = firstUnfenced(world, engine, subject);
  if (unfenced !== undefined) {
    can(`ends the sessions of other engines on ${nameOf(unfenced)}`, (next, self) => {
      tell(next, self, unfenced, subject);
    });
    return;
  }
  const snapshot = snapshotOf(world, engine.stored);
  const { plan, abandon, state } = subject.decide(snapshot);
  if (abandon) {
    can('drops the operation', (next, self) => {
      replaceRecord(next, self, ended(self.stored, {}), subject);
    });
    return;
  }
  if (plan) {
    can(`begins a ${plan.kind} to ${plan.to}: ${plan.reason}`, (next, self) => {
      if (subject.endsTasks) self.tasks = [];
      beginRun(next, self, plan, subject);
    });
    return;
  }
  if (!isUnderCare(state)) return;
  for (const repair of subject.planRepairs(snapshot)) {
    if (!engine.tasks.some((task) => instanceOf(task) === repair.instance))
      offerRepair(repair, world, engine, subject, can);
  }
  const step = subject.nextAckStep(snapshot);
  if (!step || engine.tasks.some((task) => task.do === 'ack-step')) return;
  const instance = 'instance' in step ? step.instance : undefined;
  if (instance !== undefined && engine.tasks.some((task) => instanceOf(task) === instance)) return;
  const { epoch, ackSet } = engine.stored;
  const operations = operationsOf(step, world, subject);
  const task: Task = { do: 'ack-step', step, operations, at: 0, epoch, must: 0, before: ackSet, session: true };
  can(`begins ${ackTaskLabel(task)}`, (_, self) => {
    self.tasks = [...self.tasks, task];
  });
}

const instanceOf = (task: Task): string | undefined => {
  if (task.do === 'attach') return nameOf(task.work.server);
  return 'instance' in task.step ? task.step.instance : undefined;
};

/** Mirrors apps/topology-engine/src/act/apply-repair.ts. */
function offerRepair(repair: Repair, world: World, engine: Engine, subject: Subject, can: Can): void {
  const server = indexOf(repair.instance);
  const { ackSet } = engine.stored;
  switch (repair.do) {
    case 'attach': {
      const isMember = ackSet.members.includes(repair.instance);
      const source = indexOf(repair.source);
      const work: Work = { do: 'follow', server, at: 0, source, isMember, mustHold: undefined, freely: false };
      can(`begins to attach ${repair.instance}: ${repair.reason}`, (_, self) => {
        self.tasks = [...self.tasks, { do: 'attach', work }];
      });
      return;
    }
    case 'close':
      can(`closes ${repair.instance}`, (next, self) => {
        if (tell(next, self, server, subject) && !close(serverAt(next, server))) crash(next, server);
      });
      return;
    case 'clone':
      if (!isReachable(world, indexOf(repair.donor))) return;
      can(`clones ${repair.donor} over ${repair.instance}: ${repair.reason}`, (next, self) => {
        confirm(next, self, subject);
        clone(next, server, indexOf(repair.donor));
      });
      return;
    case 'detach':
      can(`detaches ${repair.instance}`, (next, self) => {
        if (tell(next, self, server, subject)) resetReplication(serverAt(next, server));
      });
      return;
    case 'start-applier':
      can(`starts the applier of ${repair.instance}`, (next, self) => {
        if (tell(next, self, server, subject)) serverAt(next, server).applier = true;
      });
      return;
    default:
  }
}

/** CLONE ends with a restart, and with the donor's data. */
function clone(world: World, index: number, donor: number): void {
  crash(world, index);
  const { executed, blank } = serverAt(world, donor);
  Object.assign(serverAt(world, index), { up: true, blank, executed, source: -1 });
}

function taskMoves(world: World, task: Task, position: number, subject: Subject, can: Can): void {
  const put = (engine: Engine, next: Task | undefined): void => {
    engine.tasks = engine.tasks.flatMap((one, index) => (index === position ? (next ? [next] : []) : [one]));
  };
  if (task.do === 'attach') {
    can(describe(task.work), (next, self) => {
      const work = doWork(next, self, task.work, subject);
      put(self, work && { ...task, work });
    });
  } else if (taskIsWaiting(world, task)) {
    can(`${ackTaskLabel(task)}: gives up`, (_, self) => put(self, undefined), 'deadline');
  } else {
    const operation = task.operations[task.at] ?? '';
    can(`${ackTaskLabel(task)}: ${operation}`, (next, self) => put(self, doAckOperation(next, self, task, subject)));
  }
}
