import { GtidSet } from '@pilotfish/gtid';
import { formatTransactionId } from './gtid-event.ts';
import type { LoggedTransaction } from './transactions.ts';

/** Where the end of a log that no other server has begins, or why nothing is cut. */
export type Cut =
  /** From this byte on; `gtids` is what goes. */
  | { readonly kind: 'cut'; readonly position: number; readonly gtids: GtidSet }
  /** Others have all of it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface Boundary {
  /** UUID of the server whose log this is: no other's transactions are ever cut. */
  readonly source: string;
  /** What other servers have received of them. */
  readonly received: GtidSet;
}

/**
 * Finds the first of this server's own transactions that no other server has. Everything from there to the end must be of the same
 * kind, and only prepared in InnoDB: a cut that would leave rows behind, or take away what somebody has, is refused.
 */
export class CutFinder {
  readonly #boundary: Boundary;
  #position: number | undefined;
  #refusal: string | undefined;
  readonly #cut: string[] = [];

  /** `previous`: the transactions of all logs before this one. A server begins a new log only when nothing is left prepared. */
  constructor(boundary: Boundary, previous: GtidSet) {
    this.#boundary = boundary;
    const committed = previous.ofSource(boundary.source).subtract(boundary.received);
    if (!committed.isEmpty()) this.#refuse(`${committed.toString()} is in an earlier log, so it is committed here`);
  }

  take({ id, position, nature, intact }: LoggedTransaction): void {
    const { source, received } = this.#boundary;
    const name = formatTransactionId(id);
    const isBeyond = id.uuid === source && !received.has(id.uuid, id.tag, id.number);
    if (!isBeyond) {
      if (this.#position !== undefined)
        this.#refuse(`${name}, which is not this server's alone, comes after the first that is`);
      return;
    }
    this.#position ??= position;
    this.#cut.push(name);
    if (nature === 'other')
      this.#refuse(`${name} is a statement that can't be rolled back by its absence from the log`);
    if (!intact) this.#refuse(`${name} has a wrong checksum`);
  }

  result(): Cut {
    if (this.#refusal !== undefined) return { kind: 'refused', reason: this.#refusal };
    if (this.#position === undefined) return { kind: 'nothing' };
    return { kind: 'cut', position: this.#position, gtids: GtidSet.parse(this.#cut.join(',')) };
  }

  #refuse(reason: string): void {
    this.#refusal ??= reason;
  }
}
