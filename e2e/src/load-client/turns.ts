/**
 * The number of the next turn of somebody whose turns are `intervalMs` apart, `passedMs` after the first. A turn that took long is followed
 * at once by the latest that has come, and that by the next at its own time: those who take turns don't fall into step.
 */
export function nextTurn(turn: number, passedMs: number, intervalMs: number): number {
  return Math.max(turn + 1, Math.floor(passedMs / intervalMs));
}
