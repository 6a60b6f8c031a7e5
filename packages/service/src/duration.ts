const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitsMs;

const shape = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const part = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;

/** Milliseconds of a duration such as `15s`, `1m30s` or `250ms`; undefined when it is none. A bare number is none, save `0`. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!shape.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(part)) total += Number(amount) * unitsMs[unit as Unit];
  return total;
}

/** The shortest text that `parseDuration` reads back as the same number of milliseconds. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  for (const unit of ['d', 'h', 'm', 's'] as const) if (ms % unitsMs[unit] === 0) return `${ms / unitsMs[unit]}${unit}`;
  return `${ms}ms`;
}
