import { indexOf, isReachable } from './evidence.ts';
import { isSettled, runOf } from './run-state.ts';
import type { Subject } from './subject.ts';
import { includes } from './tx-set.ts';
import { type Engine, type Run, serverAt, type World } from './world.ts';

/** Whether the current step waits for something that has not come about. */
export function isWaiting(world: World, engine: Engine, subject: Subject): boolean {
  const run = runOf(engine);
  switch (run.steps[0]?.do) {
    case 'catch-up':
      return !hasCaughtUp(world, run);
    case 'drain':
      return subject.drains && isDraining(world, run);
    case 'settle':
      return !isSettled(run) || holders(world, engine).length < engine.stored.ackSet.k;
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

/** The members of the new ack set that hold what the new primary opened with. */
export function holders(world: World, engine: Engine): string[] {
  const { mustApply } = runOf(engine);
  return engine.stored.ackSet.members.filter((name) => {
    const index = indexOf(name);
    const { executed, relay } = serverAt(world, index);
    return isReachable(world, index) && includes(executed | relay, mustApply ?? 0);
  });
}
