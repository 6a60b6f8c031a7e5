import type { Step } from '../plan.ts';
import { fullAcks } from '../quorum.ts';
import { viewOf as answerOf } from '../snapshot.ts';
import { nameAt, snapshotOf } from './evidence.ts';
import { ended } from './record-model.ts';
import { runOf } from './run-state.ts';
import { holders } from './run-waits.ts';
import type { Engine, ModelRecord, World } from './world.ts';

/** What a step writes into the record; undefined for one that writes nothing. Mirrors steps/recording.ts and promotion.ts. */
export function recordOf(step: Step, world: World, engine: Engine): ModelRecord | undefined {
  const { stored } = engine;
  const { candidate } = runOf(engine);
  switch (step.do) {
    case 'record-intent':
      return { ...stored, operation: operationOf(engine, 'preparing') };
    case 'record-epoch':
      return {
        ...stored,
        primary: nameAt(candidate),
        epoch: stored.epoch + 1,
        writable: false,
        ackSet: ackSetOfNewEpoch(world, engine),
        operation: operationOf(engine, 'switching'),
      };
    case 'confirm-epoch':
      return stored;
    case 'record-ack-set':
      return {
        ...stored,
        primary: nameAt(candidate),
        ackSet: ackSetOfNewEpoch(world, engine),
        ...(stored.operation && { operation: { ...stored.operation, to: nameAt(candidate) } }),
      };
    case 'publish':
      return { ...stored, writable: true, initialized: true };
    case 'settle':
      return settled(world, engine);
    default:
      return undefined;
  }
}

/** `record-ack-set` writes nothing when what it would write is there. */
export function isRecorded(next: ModelRecord, { stored }: Engine): boolean {
  const text = ({ primary, ackSet }: ModelRecord): string => [primary, ackSet.k, ...ackSet.members].join();
  return text(next) === text(stored);
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
