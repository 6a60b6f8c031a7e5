import type { Step } from '../plan.ts';
import { indexOf, isReachable, nameAt } from './evidence.ts';
import { receiverState } from './mysql-model.ts';
import { runOf } from './run-state.ts';
import { type Engine, type Run, serverAt, type Work, type World } from './world.ts';

/** What a step has to do on single servers, all at once. Mirrors apps/topology-engine/src/act/steps. */
export function workOf(step: Step, world: World, engine: Engine): readonly Work[] {
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
