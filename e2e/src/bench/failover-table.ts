import { median } from '../analysis/outages.ts';
import { type FailoverReport, type FailoverRound, type Fault, faults, returnWatchMs } from './failover.ts';
import { phases } from './standalone/plan-phases.ts';

/** Medians that the project promises, ms: fault to first write, and outage for the switchover. */
export const failoverTargets: Readonly<Record<Fault, number>> = { kill: 250, hang: 2_000, switchover: 50 };

export function failoverTable({
  rounds,
  acknowledged,
  perSecond,
  lost,
  twoWritableMs,
  load,
  givenUp,
}: FailoverReport): string[] {
  const kinds = faults.filter((fault) => rounds.some((round) => round.fault === fault));
  return [
    `${acknowledged} writes acknowledged (${perSecond.toFixed(0)} a second), ${lost} lost; two servers that acknowledged: ${twoWritableMs} ms`,
    `load average of the machine: ${load.map((value) => value.toFixed(1)).join(' before, ')} after`,
    ...givenUp.map((reason) => `a switchover was given up, and nothing had changed: ${reason}`),
    '',
    ...kinds.flatMap((fault) =>
      linesOf(
        fault,
        rounds.filter((round) => round.fault === fault),
      ),
    ),
  ];
}

function linesOf(fault: Fault, rounds: readonly FailoverRound[]): string[] {
  const figure = (of: (round: FailoverRound) => number): string => {
    const values = rounds.map(of);
    return `median ${median(values).toFixed(0)}, worst ${Math.max(...values).toFixed(0)} ms`;
  };
  const target = failoverTargets[fault];
  const value = median(rounds.map(({ firstWriteMs }) => firstWriteMs));
  const shares = phases
    .map((phase) => `${phase} ${median(rounds.map((round) => round.phases[phase] ?? 0)).toFixed(0)}`)
    .join(', ');
  const states = [...new Set(rounds.map(({ old }) => old))]
    .map((state) => `${state} ×${rounds.filter(({ old }) => old === state).length}`)
    .join('; ');
  return [
    `${fault}, ${rounds.length} rounds`,
    `  to the first write   ${figure(({ firstWriteMs }) => firstWriteMs)}; target at most ${target} ms: ${value <= target ? 'met' : 'MISSED'}`,
    `  outage of writes     ${figure(({ outageMs }) => outageMs)}`,
    `  of it, ms            ${shares}`,
    `  old primary after ${String(returnWatchMs[fault] / 1_000).padStart(2)} s ${states}`,
  ];
}
