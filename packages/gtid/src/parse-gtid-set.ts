import { type Gno, maxGno, normalGno } from './gno.ts';
import { type Intervals, IntervalsBuilder, normalizeIntervals, unionIntervals } from './intervals.ts';

/** The text is not a GTID set. `offset` counts characters from 0. */
export class GtidParseError extends Error {
  override readonly name = 'GtidParseError';
  readonly offset: number;

  constructor(expected: string, text: string, offset: number) {
    const excerpt = text.slice(offset, offset + 40);
    super(
      `not a GTID set: expected ${expected} at character ${offset}, found ${excerpt === '' ? 'the end' : `'${excerpt}'`}`,
    );
    this.offset = offset;
  }
}

/**
 * Reads MySQL's own grammar (Gtid_set::add_gtid_text, and the tags of 8.3):
 *
 *     set    := [source] { ',' [source] }
 *     source := uuid { ':' ( tag | first [ '-' last ] ) }
 *
 * A tag holds for the intervals after it, up to the next tag or source. Blanks and line breaks may stand between any two tokens,
 * upper case is read as lower case, empty members (`,,`), intervals with last < first, and sources and
 * tags without intervals add nothing.
 *
 * @returns intervals by source key: `uuid`, or `uuid:tag`
 * @throws GtidParseError
 */
export function parseGtidSet(text: string): Map<string, Intervals> {
  const scanner = new Scanner(text);
  const sources = new Map<string, Intervals>();
  for (;;) {
    scanner.skipBlanks();
    if (!scanner.atEnd() && !scanner.sees(',')) parseSource(scanner, sources);
    if (scanner.atEnd()) return sources;
    if (!scanner.take(',')) throw scanner.expected("','");
  }
}

function parseSource(scanner: Scanner, sources: Map<string, Intervals>): void {
  const uuid = scanner.match(uuidPattern, 'a server UUID').toLowerCase();
  let key = uuid;
  let collected = new CollectedIntervals();
  while (scanner.take(':')) {
    if (scanner.seesDigit()) {
      const first = parseGno(scanner, 1n);
      collected.add(first, scanner.take('-') ? parseGno(scanner, 0n) : first);
    } else {
      addTo(sources, key, collected);
      collected = new CollectedIntervals();
      key = `${uuid}:${scanner.match(tagPattern, 'an interval or a tag').toLowerCase()}`;
    }
  }
  addTo(sources, key, collected);
}

function addTo(sources: Map<string, Intervals>, key: string, collected: CollectedIntervals): void {
  const added = collected.intervals();
  if (added.length === 0) return;
  const existing = sources.get(key);
  sources.set(key, existing === undefined ? added : unionIntervals(existing, added));
}

function parseGno(scanner: Scanner, least: bigint): Gno {
  const offset = scanner.offset;
  const digits = scanner.digits();
  if (digits === '') throw scanner.expected('a transaction number');
  if (digits.length <= 15 && Number(digits) >= least) return Number(digits);
  const value = BigInt(digits);
  if (value < least || value > maxGno)
    throw scanner.expected(`a transaction number from ${least} to ${maxGno}`, offset);
  return normalGno(value);
}

/** Servers write their intervals in order: joined as they come. Anything else is sorted at the end. */
class CollectedIntervals {
  readonly #builder = new IntervalsBuilder();
  #disordered: [Gno, Gno][] | undefined;
  #lastFirst: Gno = 0;

  add(first: Gno, last: Gno): void {
    if (last < first) return;
    if (this.#disordered !== undefined || first < this.#lastFirst) {
      this.#disordered ??= [];
      this.#disordered.push([first, last]);
      return;
    }
    this.#lastFirst = first;
    this.#builder.add(first, last);
  }

  intervals(): Intervals {
    const ordered = this.#builder.intervals;
    return this.#disordered === undefined ? ordered : unionIntervals(ordered, normalizeIntervals(this.#disordered));
  }
}

const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z_-])/iy;
const tagPattern = /[a-z_][a-z0-9_]{0,31}(?![a-z0-9_])/iy;

class Scanner {
  readonly #text: string;
  offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.offset >= this.#text.length;
  }

  sees(character: string): boolean {
    return this.#text[this.offset] === character;
  }

  seesDigit(): boolean {
    const code = this.#text.charCodeAt(this.offset);
    return code >= 48 && code <= 57;
  }

  /** Consumes the character and the blanks after it, if it is next. */
  take(character: string): boolean {
    if (!this.sees(character)) return false;
    this.offset += 1;
    this.skipBlanks();
    return true;
  }

  /** Consumes digits and the blanks after them. By hand, because a set has as many numbers as gaps. */
  digits(): string {
    const start = this.offset;
    while (this.seesDigit()) this.offset += 1;
    const digits = this.#text.slice(start, this.offset);
    this.skipBlanks();
    return digits;
  }

  /** Consumes what the (sticky) pattern matches here, and the blanks after it. */
  match(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.expected(expected);
    this.offset += found.length;
    this.skipBlanks();
    return found;
  }

  skipBlanks(): void {
    while (isBlank(this.#text.charCodeAt(this.offset))) this.offset += 1;
  }

  expected(what: string, offset = this.offset): GtidParseError {
    return new GtidParseError(what, this.#text, offset);
  }
}

/** isspace() of the C locale: space, and \t \n \v \f \r. */
function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}
