import { medianSplit } from './analysis/outage-split.ts';
import { median } from './analysis/outages.ts';
import type { ScenarioResult } from './harness/findings.ts';
import type { Scenario } from './harness/scenario.ts';

/** Lines of a table of results, for people. */
export function resultTable(results: readonly ScenarioResult[]): string[] {
  const heads = ['scenario', 'outcome', 'acknowledged', 'lost', 'two writable, ms', 'outage, ms', 'redundant after'];
  return table([
    heads,
    ...results.map((result) => [result.scenario, result.ok ? 'passed' : 'FAILED', ...figures(result)]),
  ]);
}

/** The same with what was expected and what came of it. */
export function matrixTable(results: readonly ScenarioResult[], scenarios: readonly Scenario[]): string[] {
  const heads = ['scenario', '', 'expectation', 'outcome'];
  const figureHeads = ['acknowledged', 'lost', 'two writable, ms', 'outage, ms', 'redundant after'];
  const rows = results.map((result) => [
    result.scenario,
    result.ok ? 'passed' : 'FAILED',
    scenarios.find(({ name }) => name === result.scenario)?.expectation ?? '–',
    result.outcome.join('; ') || '–',
    ...figures(result),
  ]);
  return table([[...heads, ...figureHeads], ...rows]);
}

/** What outages were made of, the median of each share; no lines when none could be split. */
export function splitTable(results: readonly ScenarioResult[]): string[] {
  const rows = results.flatMap(({ scenario, splits }) => {
    const split = medianSplit(splits);
    if (split === undefined) return [];
    const { engine, label, endpointSlice, proxy, write } = split;
    return [[scenario, ...[splits.length, engine, label, endpointSlice, proxy, write].map(String)]];
  });
  if (rows.length === 0) return [];
  const shares = ['until it is open', 'label', 'EndpointSlice', 'kube-proxy and login', 'first write'];
  return table([['medians of the outage, ms', 'rounds', ...shares], ...rows]);
}

/** Inserts and appends together. */
function figures({ acknowledged, appended, lost, appendFaults, ...result }: ScenarioResult): string[] {
  return [
    String(acknowledged + appended),
    String(lost + appendFaults),
    String(result.twoWritableMs),
    outages(result.outageMs),
    result.redundancyMs === null ? '–' : `${(result.redundancyMs / 1000).toFixed(1)} s`,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
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
