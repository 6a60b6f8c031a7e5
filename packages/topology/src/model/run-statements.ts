import type { Step } from '../plan.ts';
import { indexOf } from './evidence.ts';
import { open, setSemiSyncSource, startReceiver, stopReceiver } from './mysql-model.ts';
import { runOf } from './run-state.ts';
import type { Subject } from './subject.ts';
import { tell } from './tenure-model.ts';
import { includes } from './tx-set.ts';
import { type Engine, type Run, serverAt, type World } from './world.ts';

/** What a statement came to: the step is done and leaves this in the run, it goes on, or it failed. */
export type Outcome = { readonly done: Partial<Run> } | 'goes on' | 'failed';

const done = (change: Partial<Run> = {}): Outcome => ({ done: change });

/**
 * The next statement of a step that talks to servers. `detach` and `re-point` in the row of the steps, as `reopen` has the
 * former, have their work done elsewhere.
 */
export function doStatement(step: Step, world: World, engine: Engine, subject: Subject): Outcome {
  const run = runOf(engine);
  const from = indexOf(run.plan.from);
  switch (step.do) {
    case 'prepare-first':
      if (!tell(world, engine, run.candidate, subject)) return 'failed';
      serverAt(world, run.candidate).blank = false;
      return done();
    case 'stop-receivers':
      return stopNext(world, engine, subject);
    case 'close-old': {
      if (!tell(world, engine, from, subject) || serverAt(world, from).waiting !== 0) return 'failed';
      serverAt(world, from).open = false;
      return done({ mustApply: serverAt(world, from).executed });
    }
    case 'drain':
      return drain(world, engine, subject);
    case 'promote':
      return promote(world, engine, subject);
    default:
      return done();
  }
}

function stopNext(world: World, engine: Engine, subject: Subject): Outcome {
  const run = runOf(engine);
  const [next, ...rest] = run.work;
  if (!next) return done();
  const server = serverAt(world, next.server);
  const answers = tell(world, engine, next.server, subject);
  if (answers && subject.stopsReceivers) stopReceiver(server);
  const { executed, relay, semiSyncReplica, blank } = server;
  const seen = run.seen.map((was, index) =>
    index === next.server && answers ? { executed, relay, semiSyncReplica, blank } : was,
  );
  engine.run = { ...run, seen, work: rest };
  return rest.length === 0 ? done() : 'goes on';
}

function drain(world: World, engine: Engine, subject: Subject): Outcome {
  const { candidate, mustApply = 0, via } = runOf(engine);
  const server = serverAt(world, candidate);
  if (!tell(world, engine, candidate, subject)) return 'failed';
  if (includes(server.executed, mustApply) || !subject.drains) {
    if (via >= 0) stopReceiver(server);
    return done();
  }
  if (via >= 0 && server.source !== via) {
    server.source = via;
    startReceiver(server);
  }
  server.applier = server.source >= 0;
  return server.applier ? 'goes on' : 'failed';
}

function promote(world: World, engine: Engine, subject: Subject): Outcome {
  const run = runOf(engine);
  if (!tell(world, engine, run.candidate, subject)) return 'failed';
  const { k } = engine.stored.ackSet;
  if (k > 0) setSemiSyncSource(world, run.candidate, k);
  open(world, run.candidate);
  return done({ opened: true });
}
