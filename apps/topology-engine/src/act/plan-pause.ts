import type { Plan } from '@pilotfish/topology';

const firstPauseMs = 1_000;
/** Writes may wait for this plan, and what stood in its way may be gone by now. */
const longestPauseMs = 3_000;

/**
 * How long the engine leaves a cluster alone after a plan of its own that failed: a second, and twice as long each time when
 * the same one is wanted again. What would be another plan by then waits for the second only.
 */
export class PlanPause {
  #failed: { readonly what: string; readonly count: number; readonly atMs: number } | undefined;

  isOver(plan: Plan, nowMs: number): boolean {
    if (!this.#failed) return true;
    const { what, count, atMs } = this.#failed;
    const pauseMs = what === nameOf(plan) ? Math.min(firstPauseMs * 2 ** (count - 1), longestPauseMs) : firstPauseMs;
    return nowMs - atMs >= pauseMs;
  }

  planFailed(plan: Plan, nowMs: number): void {
    const what = nameOf(plan);
    const before = this.#failed?.what === what ? this.#failed.count : 0;
    this.#failed = { what, count: before + 1, atMs: nowMs };
  }

  planSucceeded(): void {
    this.#failed = undefined;
  }
}

const nameOf = ({ kind, from, to, steps }: Plan): string => [kind, from, to, steps[0]?.do].join(' ');
