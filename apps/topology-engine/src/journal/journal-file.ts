import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '@pilotfish/service';
import type { JournalSink } from './journal.ts';
import { encodeEntry, type JournalEntry } from './journal-entry.ts';

/** At this size a file is set aside as `<path>.1`, in place of the one set aside before: at most twice this is kept. */
const defaultMaxBytes = 16 * 1024 * 1024;

/** One JSON object a line. Decisions change seldom: each is written at once. */
export class JournalFile implements JournalSink {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #maxBytes: number;
  #file: number;
  #bytes: number;

  constructor({ path, logger, maxBytes = defaultMaxBytes }: { path: string; logger: Logger; maxBytes?: number }) {
    mkdirSync(dirname(path), { recursive: true });
    this.#path = path;
    this.#logger = logger;
    this.#maxBytes = maxBytes;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.#file = openSync(path, 'a');
  }

  take(entry: JournalEntry): void {
    const line = Buffer.from(`${JSON.stringify(encodeEntry(entry))}\n`);
    try {
      if (this.#bytes > 0 && this.#bytes + line.length > this.#maxBytes) this.#rotate();
      this.#bytes += line.length;
      writeSync(this.#file, line);
    } catch (error: unknown) {
      this.#logger.warn({ err: error, path: this.#path }, 'a decision could not be journaled');
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    const next = openSync(this.#path, 'a');
    closeSync(this.#file);
    this.#file = next;
    this.#bytes = 0;
  }
}
