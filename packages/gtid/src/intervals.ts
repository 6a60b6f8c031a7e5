import { type Gno, nextGno, previousGno } from './gno.ts';

/**
 * Closed intervals of one source, flat: [first, last, first, last, …], ascending, disjoint and not adjacent.
 * That form is unique, so equal sets have equal arrays. Flat, because a set with 100,000 gaps is then one array, not 100,000 objects.
 */
export type Intervals = readonly Gno[];

/** Brings intervals in any order, overlapping or adjacent, into the one form. Intervals with last < first are empty, as in MySQL. */
export function normalizeIntervals(pairs: readonly (readonly [first: Gno, last: Gno])[]): Intervals {
  const sorted = pairs.filter(([first, last]) => first <= last).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const builder = new IntervalsBuilder();
  for (const [first, last] of sorted) builder.add(first, last);
  return builder.intervals;
}

export function unionIntervals(a: Intervals, b: Intervals): Intervals {
  const builder = new IntervalsBuilder();
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && at(a, i) <= at(b, j))) {
      builder.add(at(a, i), at(a, i + 1));
      i += 2;
    } else {
      builder.add(at(b, j), at(b, j + 1));
      j += 2;
    }
  }
  return builder.intervals;
}

export function intersectIntervals(a: Intervals, b: Intervals): Intervals {
  const result: Gno[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const first = greater(at(a, i), at(b, j));
    const aEndsFirst = at(a, i + 1) < at(b, j + 1);
    const last = aEndsFirst ? at(a, i + 1) : at(b, j + 1);
    if (first <= last) result.push(first, last);
    if (aEndsFirst) i += 2;
    else j += 2;
  }
  return result;
}

export function subtractIntervals(a: Intervals, b: Intervals): Intervals {
  const result: Gno[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let first = at(a, i);
    const last = at(a, i + 1);
    while (j < b.length && at(b, j + 1) < first) j += 2;
    // An interval of b may reach into the next one of a, so j itself stays at the last that was used.
    for (let k = j; k < b.length && at(b, k) <= last; k += 2) {
      if (at(b, k) > first) result.push(first, previousGno(at(b, k)));
      first = nextGno(at(b, k + 1));
      j = k;
    }
    if (first <= last) result.push(first, last);
  }
  return result;
}

/** Whether every number of `inner` is in `outer`. */
export function containsIntervals(outer: Intervals, inner: Intervals): boolean {
  let i = 0;
  for (let j = 0; j < inner.length; j += 2) {
    while (i < outer.length && at(outer, i + 1) < at(inner, j)) i += 2;
    if (i >= outer.length || at(outer, i) > at(inner, j) || at(outer, i + 1) < at(inner, j + 1)) return false;
  }
  return true;
}

export function equalIntervals(a: Intervals, b: Intervals): boolean {
  return a === b || (a.length === b.length && a.every((gno, index) => gno === b[index]));
}

export function countIntervals(intervals: Intervals): bigint {
  let count = 0n;
  for (let i = 0; i < intervals.length; i += 2) count += BigInt(at(intervals, i + 1)) - BigInt(at(intervals, i)) + 1n;
  return count;
}

/** Collects intervals that come in ascending order of their first number and joins those that touch. */
export class IntervalsBuilder {
  readonly intervals: Gno[] = [];

  add(first: Gno, last: Gno): void {
    const end = this.intervals.length - 1;
    const previous = this.intervals[end];
    if (previous === undefined || first > nextGno(previous)) this.intervals.push(first, last);
    else if (last > previous) this.intervals[end] = last;
  }
}

/** Math.max takes no bigint. */
function greater(a: Gno, b: Gno): Gno {
  if (a < b) return b;
  return a;
}

function at(intervals: Intervals, index: number): Gno {
  return intervals[index] as Gno;
}
