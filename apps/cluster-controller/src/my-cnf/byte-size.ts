const units = [
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
] as const;

/** Part of a size that may be cut off so that the number stays readable. */
const toleratedRest = 0.001;

/** A byte count as MySQL reads it, in the largest unit that loses at most 0.1 %: `384M`, `116508K`, or plain bytes. */
export function formatBytes(bytes: number): string {
  const whole = Math.floor(bytes);
  for (const [suffix, size] of units) {
    if (whole >= size && whole % size <= whole * toleratedRest) return `${String(Math.floor(whole / size))}${suffix}`;
  }
  return String(whole);
}

/** The inverse: `48M`, `1g`, `1048576`; undefined when it is no size. */
export function parseBytes(text: string | number): number | undefined {
  const [, digits, suffix = ''] = /^(\d+)([kmgt]?)$/i.exec(String(text).trim()) ?? [];
  if (digits === undefined) return undefined;
  const factor = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }[suffix.toLowerCase()] ?? 1;
  return Number(digits) * factor;
}
