import type { AckStep } from '../ack-step.ts';
import { indexOf, isReachable } from './evidence.ts';
import { setSemiSyncSource, startReceiver, stopReceiver } from './mysql-model.ts';
import { replaceRecord } from './record-model.ts';
import type { Subject } from './subject.ts';
import { tell } from './tenure-model.ts';
import { includes } from './tx-set.ts';
import { type AckTask, type Engine, serverAt, type World } from './world.ts';

/** What an ack step is made of: each is one statement, one write of the record, or one wait. */
export type AckOperation = 'observe' | 'await-held' | 'record' | 'enforce' | 'set-flag' | 'start-receiver';

const setAcknowledging: readonly AckOperation[] = ['set-flag', 'start-receiver'];

/** Mirrors apps/topology-engine/src/act/apply-ack-step.ts. */
export function operationsOf(step: AckStep, world: World, subject: Subject): readonly AckOperation[] {
  switch (step.do) {
    case 'add-member':
      return subject.recordsFirst
        ? ['observe', 'await-held', 'record', ...setAcknowledging]
        : [...setAcknowledging, 'observe', 'await-held', 'record'];
    case 'enable-member':
      return ['observe', 'await-held', ...setAcknowledging];
    case 'silence-stranger':
      return setAcknowledging;
    case 'raise-k':
      return ['observe', 'await-held', 'enforce', 'observe', 'await-held', 'record'];
    case 'lower-k':
      return subject.recordsFirst ? ['record', 'enforce'] : ['enforce', 'record'];
    case 'enforce-k':
      return ['enforce'];
    case 'remove-member': {
      const gone = indexOf(step.instance);
      const isSilenced = !isReachable(world, gone) || !serverAt(world, gone).semiSyncReplica;
      return [...(isSilenced ? [] : setAcknowledging), 'observe', 'await-held', 'record'];
    }
    default:
      return step satisfies never;
  }
}

/** Whether its next operation waits for something that has not come about. */
export function isWaiting(world: World, task: AckTask): boolean {
  if (task.operations[task.at] !== 'await-held') return false;
  const { step, before, must } = task;
  const [names, count] = heldBy(step, before);
  const holding = names.map(indexOf).filter((index) => {
    const server = serverAt(world, index);
    return isReachable(world, index) && includes(server.executed | server.relay, must);
  });
  return holding.length < count;
}

function heldBy(step: AckStep, { members, k }: AckTask['before']): readonly [readonly string[], number] {
  if (step.do === 'raise-k') return [members, step.k];
  if (step.do === 'remove-member') return [members.filter((name) => name !== step.instance), k];
  return ['instance' in step ? [step.instance] : [], 1];
}

/** Does the next operation; undefined when the task is done or failed. */
export function doAckOperation(world: World, engine: Engine, task: AckTask, subject: Subject): AckTask | undefined {
  const { operations } = task;
  const operation = operations[task.at];
  if (operation === undefined) return undefined;
  const change = perform(operation, world, engine, task, subject);
  if (!change || task.at + 1 === operations.length) return undefined;
  return { ...task, ...change, at: task.at + 1 };
}

function perform(
  operation: AckOperation,
  world: World,
  engine: Engine,
  task: AckTask,
  subject: Subject,
): Partial<AckTask> | undefined {
  const { step } = task;
  const primary = indexOf(engine.stored.primary);
  switch (operation) {
    case 'observe': {
      const [names] = heldBy(step, task.before);
      for (const name of names) tell(world, engine, indexOf(name), subject);
      if (!tell(world, engine, primary, subject)) return undefined;
      return { must: serverAt(world, primary).executed | serverAt(world, primary).waiting };
    }
    case 'await-held':
      return {};
    case 'record':
      return record(world, engine, task, subject) ? {} : undefined;
    case 'enforce':
      if (!tell(world, engine, primary, subject) || !('k' in step)) return undefined;
      setSemiSyncSource(world, primary, step.k);
      return {};
    case 'set-flag':
    case 'start-receiver':
      if (!('instance' in step) || !tell(world, engine, indexOf(step.instance), subject)) return undefined;
      return setFlag(operation, world, step, task) ? {} : undefined;
    default:
      return operation satisfies never;
  }
}

function record(world: World, engine: Engine, { step, epoch }: AckTask, subject: Subject): boolean {
  const { stored } = engine;
  if (stored.epoch !== epoch || stored.operation) return false;
  const { members, k } = stored.ackSet;
  const ackSet =
    step.do === 'add-member'
      ? { members: [...members, step.instance].sort(), k }
      : step.do === 'remove-member'
        ? { members: members.filter((name) => name !== step.instance), k }
        : { members, k: 'k' in step ? step.k : k };
  return replaceRecord(world, engine, { ...stored, ackSet }, subject);
}

function setFlag(
  operation: 'set-flag' | 'start-receiver',
  world: World,
  step: AckStep & { instance: string },
  task: AckTask,
): boolean {
  const index = indexOf(step.instance);
  const server = serverAt(world, index);
  const on = step.do === 'add-member' || step.do === 'enable-member';
  if (!task.session) return false;
  if (operation === 'set-flag') {
    server.semiSyncReplica = on;
    stopReceiver(server);
  } else if (server.source >= 0) {
    startReceiver(server);
  }
  return true;
}

export const ackTaskLabel = ({ step }: AckTask): string =>
  `${step.do} ${'instance' in step ? step.instance : String(step.k)}`;
