/** One metric as data: what it is made of, and what the reference page shows of it. */
export interface MetricRow {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** The row in the words of `Metrics`. */
export function metricOptions<Label extends string>(row: {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly Label[];
}): { name: string; help: string; labelNames: Label[] } {
  return { name: row.name, help: row.help, labelNames: [...row.labels] };
}
