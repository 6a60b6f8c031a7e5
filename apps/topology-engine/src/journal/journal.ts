import type { JournalEntry } from './journal-entry.ts';

/** Takes entries elsewhere: a file, the bus. Neither waits nor fails. */
export interface JournalSink {
  take(entry: JournalEntry): void;
}

export interface Journal {
  record(entry: JournalEntry): void;
  /** The newest entries of a cluster, newest last; all that are kept unless a limit is given. */
  recent(key: string, limit?: number): readonly JournalEntry[];
  forget(key: string): void;
}

/** Kept in memory, per cluster. */
const keptEntries = 200;

/** The last decisions of each cluster in memory, and all of them in the sinks. */
export class MemoryJournal implements Journal {
  readonly #entries = new Map<string, JournalEntry[]>();
  readonly #sinks: readonly JournalSink[];

  constructor(sinks: readonly JournalSink[] = []) {
    this.#sinks = sinks;
  }

  record(entry: JournalEntry): void {
    const entries = this.#entries.get(entry.key) ?? [];
    entries.push(entry);
    if (entries.length > keptEntries) entries.shift();
    this.#entries.set(entry.key, entries);
    for (const sink of this.#sinks) sink.take(entry);
  }

  recent(key: string, limit = keptEntries): readonly JournalEntry[] {
    return limit <= 0 ? [] : (this.#entries.get(key) ?? []).slice(-limit);
  }

  forget(key: string): void {
    this.#entries.delete(key);
  }
}
