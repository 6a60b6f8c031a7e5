import { Refusal } from './refusal.ts';

/** An owner asks for reports every few seconds; one that was silent for so long is none, and its record may be gone with its cluster. */
const forgottenAfterMs = 60_000;

/**
 * The terms of the engines that call, counted up with each owner of a cluster: once a later owner was heard, the orders of one before
 * it are refused, however late they arrive (a fencing token: Kleppmann, "How to do distributed locking", 2016).
 */
export class OwnerTerms {
  readonly #nowMs: () => number;
  #latest: { readonly term: number; readonly heardAtMs: number } | undefined;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A call that changes nothing is answered to anybody. */
  hear(term: number | undefined): void {
    if (term === undefined) return;
    const latest = this.#current();
    if (latest === undefined || term >= latest) this.#latest = { term, heardAtMs: this.#nowMs() };
  }

  /** A call that names no term comes from a person. @throws Refusal (412) for an order of an owner that another one has followed */
  admit(term: number | undefined): void {
    const latest = this.#current();
    if (term !== undefined && latest !== undefined && term < latest)
      throw new Refusal(412, `an engine of term ${latest} owns the cluster now, and this order is of term ${term}`);
    this.hear(term);
  }

  #current(): number | undefined {
    if (this.#latest === undefined || this.#nowMs() - this.#latest.heardAtMs > forgottenAfterMs) return undefined;
    return this.#latest.term;
  }
}
