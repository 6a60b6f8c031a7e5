import { type Gno, nextGno, normalGno } from './gno.ts';
import {
  containsIntervals,
  countIntervals,
  equalIntervals,
  type Intervals,
  intersectIntervals,
  subtractIntervals,
  unionIntervals,
} from './intervals.ts';
import { parseGtidSet } from './parse-gtid-set.ts';

/**
 * An immutable set of MySQL global transaction identifiers, untagged (`uuid:1-5`) and tagged (`uuid:tag:1-5`, MySQL 8.3).
 *
 * Every operation is linear in the number of intervals of its operands, and shares what it does not change.
 */
export class GtidSet {
  static readonly empty = new GtidSet(new Map());

  /** Intervals by `uuid` or `uuid:tag`; never an empty entry. */
  readonly #sources: ReadonlyMap<string, Intervals>;
  #text: string | undefined;

  private constructor(sources: ReadonlyMap<string, Intervals>) {
    this.#sources = sources;
  }

  /**
   * Reads whatever MySQL writes (`@@gtid_executed`, RECEIVED_TRANSACTION_SET, …) or accepts.
   * @throws GtidParseError
   */
  static parse(text: string): GtidSet {
    const sources = parseGtidSet(text);
    return sources.size === 0 ? GtidSet.empty : new GtidSet(sources);
  }

  static unionOf(sets: Iterable<GtidSet>): GtidSet {
    let union = GtidSet.empty;
    for (const set of sets) union = union.union(set);
    return union;
  }

  union(other: GtidSet): GtidSet {
    if (this === other || other.isEmpty()) return this;
    if (this.isEmpty()) return other;
    const sources = new Map(this.#sources);
    for (const [key, intervals] of other.#sources) {
      const mine = sources.get(key);
      sources.set(key, mine === undefined ? intervals : unionIntervals(mine, intervals));
    }
    return new GtidSet(sources);
  }

  /** What is in this set and not in the other: MySQL's GTID_SUBTRACT. */
  subtract(other: GtidSet): GtidSet {
    return this.#combine((key, mine) => {
      const theirs = other.#sources.get(key);
      return theirs === undefined ? mine : subtractIntervals(mine, theirs);
    });
  }

  intersect(other: GtidSet): GtidSet {
    return this.#combine((key, mine) => intersectIntervals(mine, other.#sources.get(key) ?? []));
  }

  /** Whether the other set is a subset of this one (equal counts): MySQL's GTID_SUBSET(other, this). */
  contains(other: GtidSet): boolean {
    if (this === other) return true;
    for (const [key, theirs] of other.#sources) {
      if (!containsIntervals(this.#sources.get(key) ?? [], theirs)) return false;
    }
    return true;
  }

  /** Whether one transaction is in the set; `tag` is empty without one. */
  has(uuid: string, tag: string, number: bigint): boolean {
    const source = tag === '' ? uuid.toLowerCase() : `${uuid.toLowerCase()}:${tag}`;
    const gno = normalGno(number);
    return containsIntervals(this.#sources.get(source) ?? [], [gno, gno]);
  }

  equals(other: GtidSet): boolean {
    if (this === other) return true;
    if (this.#sources.size !== other.#sources.size) return false;
    for (const [key, mine] of this.#sources) {
      if (!equalIntervals(mine, other.#sources.get(key) ?? [])) return false;
    }
    return true;
  }

  isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  /** Each transaction of the set as text, `uuid:7` or `uuid:tag:7`. */
  *transactions(): Generator<string> {
    for (const [source, intervals] of this.#sources) {
      for (let i = 0; i < intervals.length; i += 2) {
        const last = intervals[i + 1] as Gno;
        for (let gno = intervals[i] as Gno; gno <= last; gno = nextGno(gno)) yield `${source}:${gno}`;
      }
    }
  }

  /** How many transactions are in the set. */
  count(): bigint {
    let count = 0n;
    for (const intervals of this.#sources.values()) count += countIntervals(intervals);
    return count;
  }

  /** The servers whose transactions are in the set: lower-case UUIDs, ascending. */
  uuids(): string[] {
    return [...new Set([...this.#sources.keys()].map(uuidOfKey))].sort();
  }

  /** The part that one server originated, with and without tags. */
  ofSource(uuid: string): GtidSet {
    const wanted = uuid.toLowerCase();
    return this.#combine((key, mine) => (uuidOfKey(key) === wanted ? mine : []));
  }

  /**
   * MySQL's canonical text without its line breaks: sources ascending, a source's tags after its untagged intervals.
   * Two sets are equal exactly if their texts are.
   */
  toString(): string {
    this.#text ??= format(this.#sources);
    return this.#text;
  }

  toJSON(): string {
    return this.toString();
  }

  #combine(combine: (key: string, mine: Intervals) => Intervals): GtidSet {
    const sources = new Map<string, Intervals>();
    for (const [key, mine] of this.#sources) {
      const kept = combine(key, mine);
      if (kept.length > 0) sources.set(key, kept);
    }
    return sources.size === 0 ? GtidSet.empty : new GtidSet(sources);
  }
}

const uuidLength = 36;

function uuidOfKey(key: string): string {
  return key.slice(0, uuidLength);
}

function format(sources: ReadonlyMap<string, Intervals>): string {
  const parts: string[] = [];
  let previousUuid = '';
  for (const key of [...sources.keys()].sort()) {
    const uuid = uuidOfKey(key);
    const intervals = formatIntervals(sources.get(key) ?? []);
    // A further tag of the same server: only ':tag' is written.
    if (uuid === previousUuid) parts.push(key.slice(uuidLength), intervals);
    else parts.push(previousUuid === '' ? '' : ',', key, intervals);
    previousUuid = uuid;
  }
  return parts.join('');
}

function formatIntervals(intervals: Intervals): string {
  let text = '';
  for (let i = 0; i < intervals.length; i += 2) {
    const first = intervals[i] as Gno;
    const last = intervals[i + 1] as Gno;
    text += first === last ? `:${first}` : `:${first}-${last}`;
  }
  return text;
}
