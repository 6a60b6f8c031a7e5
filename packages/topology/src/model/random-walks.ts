import fc from 'fast-check';
import { compact } from './canonical.ts';
import { checkWorld } from './invariants.ts';
import { Endings } from './settle.ts';
import type { Subject } from './subject.ts';
import { Violation } from './violation.ts';
import { type Budget, cloneWorld, type World } from './world.ts';
import { movesOf } from './world-moves.ts';

export interface Walks {
  readonly walks: number;
  /** States passed through, the same one counted as often as it was come to. */
  readonly states: number;
  readonly ms: number;
  readonly counterexample?: { readonly problem: string; readonly trace: readonly string[]; readonly seed: number };
}

export interface WalkLimits {
  readonly walks: number;
  /** Moves in one walk, at most. */
  readonly length: number;
  /** The same seed takes the same walks; absent: another each time. */
  readonly seed?: number;
}

/** The faults that one walk may have. */
export const walkBudget: Partial<Budget> = {
  writes: 3,
  crashes: 2,
  hangs: 1,
  cuts: 1,
  engineCrashes: 1,
  enginePauses: 1,
  believers: 2,
  departures: 1,
  resizes: 1,
};
export const walkLength = 150;

/**
 * Deep where `explore` is wide: walks through whatever can happen, each move chosen at random, with many faults in one walk.
 * A walk that ends badly is made shorter for as long as it still does (fast-check).
 */
export function walkRandomly(starts: readonly World[], subject: Subject, { walks, length, seed }: WalkLimits): Walks {
  const startedAt = performance.now();
  const walker = new Walker(subject);
  const choices = fc.array(fc.nat({ max: 10_000 }), { maxLength: length, size: 'max' });
  const property = fc.property(fc.constantFrom(...starts), choices, (start, taken) => {
    const { problem } = walker.walk(start, taken);
    if (problem !== undefined) throw new Violation(problem);
  });
  const details = fc.check(property, { numRuns: walks, ...(seed !== undefined && { seed }) });
  const { states } = walker;
  const result = { walks: details.numRuns, states, ms: performance.now() - startedAt };
  if (!details.counterexample) return result;
  const [start, taken] = details.counterexample;
  const { problem = '', trace } = walker.walk(start, taken);
  return { ...result, counterexample: { problem, trace, seed: details.seed } };
}

class Walker {
  readonly #subject: Subject;
  readonly #endings: Endings;
  states = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#endings = new Endings(subject);
  }

  /** Takes the moves that the numbers choose, then sees how it ends: with what failed as it is, and with all of it back. */
  walk(start: World, choices: readonly number[]): { readonly problem?: string; readonly trace: readonly string[] } {
    const trace: string[] = [];
    const tail: string[] = [];
    let world = start;
    try {
      for (const choice of choices) {
        const moves = movesOf(world, this.#subject);
        const move = moves[choice % moves.length];
        if (!move) break;
        trace.push(move.label);
        world = cloneWorld(world);
        move.apply(world);
        checkWorld(world);
        compact(world);
        this.states += 1;
      }
      this.#endings.check(world, 'as-it-is', tail);
      tail.length = 0;
      this.#endings.check(world, 'recovered', tail);
      return { trace };
    } catch (error: unknown) {
      if (!(error instanceof Violation)) throw error;
      return { problem: error.message, trace: [...trace, ...tail] };
    }
  }
}
