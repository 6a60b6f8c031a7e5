import type { DomainEvent } from '@pilotfish/events';

export interface OutboxEntry {
  /** Order of publication. */
  readonly sequence: number;
  readonly event: DomainEvent;
}

/**
 * Events that are not yet known to be on the stream, oldest first, at most `capacity`. Those taken count too, until they
 * are settled or put back.
 */
export class Outbox {
  readonly #capacity: number;
  #waiting: OutboxEntry[] = [];
  readonly #taken = new Map<number, OutboxEntry>();
  #nextSequence = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#waiting.length + this.#taken.size;
  }

  get taken(): number {
    return this.#taken.size;
  }

  /** Returns the event that had to make room, if one had to: the oldest that is not critical, else the oldest. */
  add(event: DomainEvent): DomainEvent | undefined {
    this.#waiting.push({ sequence: this.#nextSequence, event });
    this.#nextSequence += 1;
    if (this.size <= this.#capacity) return undefined;
    const expendable = this.#waiting.findIndex((entry) => !entry.event.critical);
    const [dropped] = this.#waiting.splice(Math.max(expendable, 0), 1);
    return dropped?.event;
  }

  take(): OutboxEntry | undefined {
    const entry = this.#waiting.shift();
    if (entry !== undefined) this.#taken.set(entry.sequence, entry);
    return entry;
  }

  /** It is on the stream, or never will be. */
  settle(entry: OutboxEntry): void {
    this.#taken.delete(entry.sequence);
  }

  /** To be taken again, in its old place. */
  putBack(entry: OutboxEntry): void {
    if (this.#taken.delete(entry.sequence)) this.#insert([entry]);
  }

  putAllBack(): void {
    const entries = [...this.#taken.values()];
    this.#taken.clear();
    this.#insert(entries);
  }

  #insert(entries: readonly OutboxEntry[]): void {
    this.#waiting = [...entries, ...this.#waiting].sort((a, b) => a.sequence - b.sequence);
  }
}
