import { canonicalHash, compact } from './canonical.ts';
import { checkWorld } from './invariants.ts';
import type { Move } from './move.ts';
import { Endings } from './settle.ts';
import type { Subject } from './subject.ts';
import { Violation } from './violation.ts';
import { cloneWorld, type World } from './world.ts';
import { movesOf } from './world-moves.ts';

export interface Limits {
  /** Moves from the start. */
  readonly depth: number;
  readonly budgetMs: number;
  readonly states: number;
}

export interface Exploration {
  readonly states: number;
  readonly depth: number;
  readonly ms: number;
  /** False when a limit ended it. */
  readonly complete: boolean;
  readonly counterexample?: { readonly problem: string; readonly trace: readonly string[] };
}

/** After these it is seen how the run would end; what MySQL and engines do between is on such a run already. */
const changesWhatRuns: ReadonlySet<Move['by']> = new Set(['fault', 'deadline']);

interface Visit {
  readonly world: World;
  readonly label: string;
  readonly before: Visit | undefined;
  readonly depth: number;
}

/** Every world that can be reached, nearest first, each once; stops at the first violation, which no shorter trace has. */
export function explore(start: World, subject: Subject, limits: Limits): Exploration {
  const startedAt = performance.now();
  const endings = new Endings(subject);
  const seen = new Set([canonicalHash(start)]);
  let level: Visit[] = [{ world: start, label: '', before: undefined, depth: 0 }];
  let depth = 0;
  const result = (complete: boolean): Exploration => ({
    states: seen.size,
    depth,
    ms: performance.now() - startedAt,
    complete,
  });
  while (level.length > 0 && depth < limits.depth) {
    depth += 1;
    const next: Visit[] = [];
    for (const visit of level) {
      if (seen.size > limits.states || performance.now() - startedAt > limits.budgetMs) return result(false);
      for (const move of movesOf(visit.world, subject)) {
        const world = cloneWorld(visit.world);
        const reached = { world, label: move.label, before: visit, depth };
        const tail: string[] = [];
        try {
          move.apply(world);
          checkWorld(world);
          compact(world);
          const hash = canonicalHash(world);
          if (seen.has(hash)) continue;
          seen.add(hash);
          if (changesWhatRuns.has(move.by)) {
            endings.check(world, 'as-it-is', tail);
            tail.length = 0;
            endings.check(world, 'recovered', tail);
          }
        } catch (error: unknown) {
          if (!(error instanceof Violation)) throw error;
          return {
            ...result(false),
            counterexample: { problem: error.message, trace: [...traceOf(reached), ...tail] },
          };
        }
        next.push(reached);
      }
    }
    level = next;
  }
  return result(level.length === 0);
}

function traceOf(visit: Visit): string[] {
  const labels: string[] = [];
  for (let at: Visit | undefined = visit; at.before; at = at.before) labels.unshift(at.label);
  return labels;
}
