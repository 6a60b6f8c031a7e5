import type { Subject } from './subject.ts';
import { owns, Superseded } from './tenure-model.ts';
import type { Engine, ModelRecord, World } from './world.ts';

/**
 * Writes the record if it still is as the engine knows it; otherwise the engine reads it anew and has been outrun.
 * Mirrors apps/topology-engine/src/record/topology-record.ts and kube-store.ts.
 * @throws Superseded when it was outrun by another owner
 */
export function replaceRecord(world: World, engine: Engine, next: ModelRecord, subject: Subject): boolean {
  if (!owns(world, engine, subject)) throw new Superseded();
  const won = isCurrent(world, engine);
  if (won) world.record = next;
  engine.stored = world.record;
  return won;
}

export function isCurrent(world: World, engine: Engine): boolean {
  const { record } = world;
  const { stored } = engine;
  if (record === stored) return true;
  return (
    record.owner === stored.owner &&
    record.epoch === stored.epoch &&
    record.primary === stored.primary &&
    record.operation?.id === stored.operation?.id &&
    record.operation?.engine === stored.operation?.engine &&
    textOf(record) === textOf(stored)
  );
}

const textOf = ({ ackSet, writable, operation }: ModelRecord): string =>
  [ackSet.members.join(), ackSet.k, writable, operation?.phase].join(' ');

/** The record without its operation, and with these changes. */
export function ended(record: ModelRecord, change: Partial<ModelRecord>): ModelRecord {
  const { operation: _, ...rest } = record;
  return { ...rest, ...change };
}
