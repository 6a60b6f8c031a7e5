import { isReachable } from './evidence.ts';
import type { Subject } from './subject.ts';
import type { Engine, World } from './world.ts';

/**
 * Who may say something to a server: apps/topology-engine/src/tenure.ts and observe/statement-session.ts. An engine writes
 * itself into the record before it looks at any server. A session for statements is used only once the record, asked after
 * the login, still names the engine that opened it; and it ends the sessions that other engines have there. So of two
 * engines all that the former says to a server comes before all that the latter says or sees there, whatever clocks do.
 */

/** This engine finds that another one owns the cluster: it does nothing more. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

export const owns = (world: World, engine: Engine, subject: Subject): boolean =>
  !subject.claims || world.record.owner === engine.name;

const bitOf = (index: number): number => 1 << index;

const othersAlive = (world: World, engine: Engine): Engine[] =>
  world.engines.filter(({ name, life }) => name !== engine.name && life !== 'dead');

/** Writes itself into the record, whoever is there. */
export function takeOver(world: World, engine: Engine, subject: Subject): void {
  if (subject.claims) world.record = { ...world.record, owner: engine.name };
  Object.assign(engine, { life: 'running', stored: world.record, run: undefined, tasks: [], ended: 0 });
}

/**
 * Whether a statement gets to that server now. The first one there ends the sessions of other engines.
 * @throws Superseded when its session there has ended and the record names another engine
 */
export function tell(world: World, engine: Engine, index: number, subject: Subject): boolean {
  if (!isReachable(world, index)) return false;
  if (!subject.endsSessions) return true;
  if (owns(world, engine, subject)) endSessionsOfOthers(world, engine, index);
  else if (engine.ended & bitOf(index)) throw new Superseded();
  return true;
}

/** The first server that answers and on which another engine still has a session: nothing is decided before it has none. */
export function firstUnfenced(world: World, engine: Engine, subject: Subject): number | undefined {
  if (!subject.claims || !subject.endsSessions || !owns(world, engine, subject)) return undefined;
  const others = othersAlive(world, engine);
  const index = world.servers.findIndex(
    (_, server) => isReachable(world, server) && others.some(({ ended }) => !(ended & bitOf(server))),
  );
  return index === -1 ? undefined : index;
}

function endSessionsOfOthers(world: World, engine: Engine, index: number): void {
  for (const other of othersAlive(world, engine)) other.ended |= bitOf(index);
}

/** @throws Superseded. What the record says is asked right before. */
export function confirm(world: World, engine: Engine, subject: Subject): void {
  if (!owns(world, engine, subject)) throw new Superseded();
}
