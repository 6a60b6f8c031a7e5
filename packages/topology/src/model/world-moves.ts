import { nameOf } from '../testing/scene.ts';
import { end, engineMoves } from './engine-moves.ts';
import type { Move } from './move.ts';
import {
  apply,
  canApply,
  close,
  commit,
  commitReady,
  crash,
  deliver,
  deliverable,
  stopReceiver,
  write,
} from './mysql-model.ts';
import type { Subject } from './subject.ts';
import { takeOver } from './tenure-model.ts';
import { type Budget, type Engine, type Server, serverAt, type World } from './world.ts';

/** Everything that can happen next in a world. */
export function movesOf(world: World, subject: Subject): Move[] {
  return [
    ...world.servers.flatMap((server, index) => [...recoveries(server, index), ...faults(world, server, index)]),
    ...mysqlMovesOf(world),
    ...enginesMoves(world, subject),
    ...resizes(world),
  ];
}

/** What happens next when no more faults come: first what failed comes back, then MySQL, then the engines, then deadlines pass. */
export function nextWithoutFaults(world: World, subject: Subject, recovers: boolean): Move | undefined {
  if (recovers) {
    const engines = world.engines.flatMap((engine, index) => engineFaults(world, engine, index, subject));
    const recovery = [...world.servers.flatMap(recoveries), ...engines].find(({ by }) => by === 'recovery');
    if (recovery) return recovery;
  }
  const mysql = mysqlMovesOf(world);
  const first = mysql.find(({ by }) => by === 'mysql');
  if (first) return first;
  const engines = enginesMoves(world, subject);
  return engines.find(({ by }) => by === 'engine') ?? [...mysql, ...engines].find(({ by }) => by === 'deadline');
}

const mysqlMovesOf = (world: World): Move[] =>
  world.servers.flatMap((server, index) => mysqlMoves(world, server, index));

const enginesMoves = (world: World, subject: Subject): Move[] =>
  world.engines.flatMap((engine, index) => [
    ...engineMoves(world, index, subject),
    ...engineFaults(world, engine, index, subject),
  ]);

const at = (label: string, index: number, by: Move['by'], act: (server: Server, world: World) => void): Move => ({
  label: `${nameOf(index)} ${label}`,
  by,
  apply: (world) => act(serverAt(world, index), world),
});

/** What comes back by itself: pods are started again, networks heal. */
function recoveries(server: Server, index: number): Move[] {
  const moves: Move[] = [];
  if (!server.up)
    moves.push(
      at('is started again', index, 'recovery', (self) => {
        self.up = true;
        self.ending = false;
      }),
    );
  if (server.hung) moves.push(at('goes on', index, 'recovery', (self) => Object.assign(self, { hung: false })));
  if (server.net !== 'joined')
    moves.push(at('is reachable again', index, 'recovery', (self) => Object.assign(self, { net: 'joined' })));
  return moves;
}

function mysqlMoves(world: World, server: Server, index: number): Move[] {
  const moves: Move[] = [];
  if (commitReady(world, index) !== 0)
    moves.push(at('commits and tells its client', index, 'mysql', (_, next) => commit(next, index)));
  const { missing, acks } = deliverable(world, index);
  if ((missing | acks) !== 0) moves.push(at('receives', index, 'mysql', (_, next) => deliver(next, index)));
  if (canApply(server)) moves.push(at('applies', index, 'mysql', (_, next) => apply(next, index)));
  const isLost = server.receiver && server.up && (server.net === 'cut' || isOutOfReach(world, server));
  if (isLost) moves.push(at('gives its source up', index, 'deadline', (self) => stopReceiver(self)));
  if (server.up && server.ending)
    moves.push(at('ends with its pod', index, 'deadline', (_, next) => crash(next, index)));
  // The agent of an instance that reaches nobody closes it, and kills what does not close.
  if (server.net === 'cut' && server.up && !server.hung && server.open)
    moves.push(
      at('is closed by its agent', index, 'deadline', (self, next) => {
        if (!close(self)) crash(next, index);
      }),
    );
  return moves;
}

function isOutOfReach(world: World, server: Server): boolean {
  const source = world.servers[server.source];
  return source !== undefined && (!source.up || source.hung || source.net === 'cut');
}

function faults(world: World, server: Server, index: number): Move[] {
  const { budget } = world;
  const moves: Move[] = [];
  const fault = (kind: keyof Budget, label: string, act: (self: Server, next: World) => void): void => {
    if (budget[kind] === 0) return;
    moves.push(
      at(label, index, 'fault', (self, next) => {
        next.budget[kind] -= 1;
        act(self, next);
      }),
    );
  };
  if (budget.writes > 0 && server.up && server.open && !server.hung) {
    moves.push(
      at('takes a write', index, 'client', (_, next) => {
        next.budget.writes -= 1;
        write(next, index);
      }),
    );
  }
  if (server.up) {
    fault('crashes', 'crashes', (_, next) => crash(next, index));
    if (!server.hung) fault('hangs', 'hangs', (self) => Object.assign(self, { hung: true }));
    if (!server.ending) fault('departures', 'is to leave', (self) => Object.assign(self, { ending: true }));
  } else if (!server.blank) {
    fault('losses', 'loses its data', (self, next) => {
      Object.assign(self, { blank: true, executed: 0, source: -1 });
      next.lost = true;
    });
  }
  if (server.net === 'joined') {
    fault('cuts', 'is cut off', (self) => Object.assign(self, { net: 'cut' }));
    fault('blinds', 'is out of the engines’ reach', (self) => Object.assign(self, { net: 'blind' }));
  }
  return moves;
}

function engineFaults(world: World, { name, life }: Engine, index: number, subject: Subject): Move[] {
  const { budget } = world;
  const moves: Move[] = [];
  const can = (
    label: string,
    by: Move['by'],
    kind: keyof Budget | undefined,
    act: (self: Engine, next: World) => void,
  ) => {
    if (kind !== undefined && budget[kind] === 0) return;
    moves.push({
      label: `${name} ${label}`,
      by,
      apply: (next) => {
        if (kind !== undefined) next.budget[kind] -= 1;
        const self = next.engines[index];
        if (self) act(self, next);
      },
    });
  };
  const takes = (self: Engine, next: World): void => takeOver(next, self, subject);
  const isAlone = world.engines.every((other) => other.name === name || other.life !== 'running');
  if (life === 'running') {
    can('crashes', 'fault', 'engineCrashes', end);
    can('stands still', 'fault', 'enginePauses', (self) => Object.assign(self, { life: 'paused' }));
  }
  if (life === 'dead' && isAlone) can('takes over', 'engine', undefined, takes);
  if (life === 'dead' && !isAlone) can('takes over, while the other goes on', 'fault', 'believers', takes);
  // It goes on as if nothing had been, whoever took over meanwhile.
  if (life === 'paused') can('goes on', 'recovery', undefined, (self) => Object.assign(self, { life: 'running' }));
  return moves;
}

function resizes(world: World): Move[] {
  if (world.budget.resizes === 0) return [];
  return [world.wanted - 1, world.wanted + 1]
    .filter((wanted) => wanted >= 1 && wanted <= world.servers.length)
    .map((wanted) => ({
      label: `${String(wanted)} instances are wanted`,
      by: 'fault' as const,
      apply: (next) => {
        next.budget.resizes -= 1;
        next.wanted = wanted;
      },
    }));
}
