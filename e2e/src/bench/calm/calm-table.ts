import type { CalmPhase, CalmReport } from './calm.ts';

/** Nothing was to be done, and something was. */
export function hasFalseAlarm({ phases }: CalmReport): boolean {
  return phases.some(({ plans }) => Object.keys(plans).length > 0);
}

export function calmTable(report: CalmReport): string[] {
  const { phases, acknowledged, lost } = report;
  const failovers = phases.reduce((total, phase) => total + phase.failovers, 0);
  return [
    ...phases.flatMap(linesOf),
    '',
    `${failovers} failovers; ${acknowledged} writes acknowledged, ${lost} lost: ${hasFalseAlarm(report) ? 'FALSE ALARM' : 'calm'}`,
  ];
}

function linesOf(phase: CalmPhase): string[] {
  const { trouble, seconds, proof, failovers, plans, doubts, silences, witnesses } = phase;
  const others = Object.entries(plans).filter(([kind]) => kind !== 'failover');
  return [
    '',
    `${trouble}, ${seconds.toFixed(0)} s: ${proof}`,
    `  failovers            ${failovers}${others.map(([kind, times]) => `; ${kind} ×${times}`).join('')}`,
    `  states and holds     ${listed(doubts.map(({ state, hold, times, longestMs }) => `${state}${hold === '' ? '' : ` (${hold})`} ×${times}, ${(longestMs / 1_000).toFixed(1)} s at most`))}`,
    `  longest silence      ${listed(silences.map(({ observer, longestMs, limitMs }) => `${observer} ${longestMs} of ${limitMs} ms`))}`,
    `  witnesses at a time  ${witnesses} of 2; the engine stood still ${phase.engineStalls} times`,
    `  writes               ${phase.acknowledged} acknowledged, by ${phase.leastAcks} replica at least; longest gap ${phase.longestGapMs.toFixed(0)} ms`,
  ];
}

const listed = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join('; '));
