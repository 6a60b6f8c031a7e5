import type { Engine, Run } from './world.ts';

export function runOf(engine: Engine): Run {
  if (!engine.run) throw new Error('this engine runs no plan');
  return engine.run;
}

/** What nobody waits for does not keep a run from ending. */
export const isSettled = ({ besides }: Run): boolean => besides.every((work) => work.freely);
