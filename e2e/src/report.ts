import { median } from './analysis/outages.ts';
import type { ScenarioResult } from './harness/findings.ts';

/** Lines of a table of results, for people. */
export function resultTable(results: readonly ScenarioResult[]): string[] {
  const rows = results.map((result) => [
    result.scenario,
    result.ok ? 'passed' : 'FAILED',
    String(result.acknowledged),
    String(result.lost),
    String(result.twoWritableMs),
    outages(result.outageMs),
    result.redundancyMs === null ? '–' : `${(result.redundancyMs / 1000).toFixed(1)} s`,
  ]);
  const all = [
    ['scenario', 'outcome', 'acknowledged', 'lost', 'two writable, ms', 'outage, ms', 'redundant after'],
    ...rows,
  ];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function outages(values: readonly number[]): string {
  if (values.length === 0) return '–';
  if (values.length === 1) return String(values[0]);
  return `median ${Math.round(median(values))} (${values.join(', ')})`;
}
