import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GtidSet } from './index.ts';

/**
 * The reference model: a set of single GTIDs as strings. Few sources and small numbers, so that intervals meet, touch and overlap all the time;
 * `base` moves them to where numbers turn into bigints.
 */
interface Model {
  readonly text: string;
  readonly members: ReadonlySet<string>;
}

const bases = [0n, BigInt(Number.MAX_SAFE_INTEGER) - 10n, 2n ** 63n - 30n] as const;
const sources = [
  '3e11fa47-71ca-11e1-9e33-c80aa9429562',
  '3e11fa47-71ca-11e1-9e33-c80aa9429562:backup',
  '4e11fa47-71ca-11e1-9e33-c80aa9429562',
] as const;

function models(base: bigint): fc.Arbitrary<Model> {
  const interval = fc.record({
    source: fc.constantFrom(...sources),
    first: fc.integer({ min: 1, max: 25 }),
    length: fc.nat(6),
  });
  const separator = fc.constantFrom(',', ',\n', ' , ', ',,');
  return fc.tuple(fc.array(interval, { maxLength: 12 }), separator).map(([intervals, comma]) => {
    const members = new Set<string>();
    const texts = intervals.map(({ source, first, length }) => {
      const last = Math.min(first + length, 28);
      for (let n = first; n <= last; n += 1) members.add(`${source}:${base + BigInt(n)}`);
      return `${source}:${base + BigInt(first)}-${base + BigInt(last)}`;
    });
    return { text: texts.join(comma), members };
  });
}

const pairs = fc.constantFrom(...bases).chain((base) => fc.tuple(models(base), models(base)));
const triples = fc.constantFrom(...bases).chain((base) => fc.tuple(models(base), models(base), models(base)));

function setOf(members: Iterable<string>): GtidSet {
  return GtidSet.parse([...members].join(','));
}

describe('agrees with sets of single transactions', () => {
  test('union, subtract, intersect, contains, equals and count', () => {
    fc.assert(
      fc.property(pairs, ([l, r]) => {
        const [left, right] = [GtidSet.parse(l.text), GtidSet.parse(r.text)];
        expect(left.union(right).toString()).toBe(setOf([...l.members, ...r.members]).toString());
        expect(left.subtract(right).toString()).toBe(setOf([...l.members].filter((m) => !r.members.has(m))).toString());
        expect(left.intersect(right).toString()).toBe(setOf([...l.members].filter((m) => r.members.has(m))).toString());
        expect(left.contains(right)).toBe([...r.members].every((m) => l.members.has(m)));
        expect(left.equals(right)).toBe(left.toString() === right.toString());
        expect(left.count()).toBe(BigInt(l.members.size));
        expect(left.isEmpty()).toBe(l.members.size === 0);
      }),
    );
  });
});

describe('laws', () => {
  test('parse ∘ format = id, and format ∘ parse is canonical', () => {
    fc.assert(
      fc.property(pairs, ([l]) => {
        const set = GtidSet.parse(l.text);
        expect(GtidSet.parse(set.toString()).equals(set)).toBe(true);
        expect(GtidSet.parse(set.toString().toUpperCase().replaceAll(',', ' ,\n')).toString()).toBe(set.toString());
        expect(setOf([...l.members].reverse()).toString()).toBe(set.toString());
      }),
    );
  });

  test('of set algebra', () => {
    fc.assert(
      fc.property(triples, ([x, y, z]) => {
        const [a, b, c] = [GtidSet.parse(x.text), GtidSet.parse(y.text), GtidSet.parse(z.text)];
        const same = (left: GtidSet, right: GtidSet): void => {
          expect(left.toString()).toBe(right.toString());
          expect(left.equals(right)).toBe(true);
        };
        same(a.union(b), b.union(a));
        same(a.intersect(b), b.intersect(a));
        same(a.union(b).union(c), a.union(b.union(c)));
        same(a.intersect(b.union(c)), a.intersect(b).union(a.intersect(c)));
        same(a.subtract(b.union(c)), a.subtract(b).subtract(c));
        same(a.subtract(b).union(a.intersect(b)), a);
        same(a.union(a), a);
        same(a.subtract(a), GtidSet.empty);
        expect(a.union(b).contains(a)).toBe(true);
        expect(a.contains(b)).toBe(b.subtract(a).isEmpty());
        expect(a.contains(b) && b.contains(a)).toBe(a.equals(b));
        expect(a.union(b).count()).toBe(a.count() + b.count() - a.intersect(b).count());
        same(GtidSet.unionOf(a.uuids().map((uuid) => a.ofSource(uuid))), a);
      }),
    );
  });
});

test('a set with 200,000 gaps takes time in proportion to them: well under two seconds of CPU', () => {
  const uuid = sources[0];
  const odd = Array.from({ length: 200_000 }, (_, i) => `${uuid}:${2 * i + 1}`.slice(36)).join('');
  const even = Array.from({ length: 200_000 }, (_, i) => `${uuid}:${2 * i + 2}`.slice(36)).join('');
  const before = process.cpuUsage();
  const [l, r] = [GtidSet.parse(uuid + odd), GtidSet.parse(uuid + even)];
  const union = l.union(r);
  expect(union.toString()).toBe(`${uuid}:1-400000`);
  expect(union.subtract(r).equals(l)).toBe(true);
  expect(l.contains(r)).toBe(false);
  expect(l.toString()).toHaveLength((uuid + odd).length);
  // CPU time, which the load of the machine does not stretch. Quadratic work would take minutes.
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
});
