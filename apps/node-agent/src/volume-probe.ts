import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '@pilotfish/service';

const intervalMs = 2_000;
/** A write that takes longer than this has stalled; slow disks take a second now and then. */
const patienceMs = 2_000;

/**
 * Whether the volume still takes writes: a few bytes are written and flushed every 2 s. A disk that stops answers with
 * silence, not with an error, and mysqld's threads wait on it without a word; this write waits the same.
 */
export class VolumeProbe {
  readonly #path: string;
  readonly #clock: Clock;
  #since: number | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** For how long a write has not come back, milliseconds; 0 when that is no longer than a slow disk takes. */
  get stalledMs(): number {
    const ms = this.#since === undefined ? 0 : this.#clock.nowMs() - this.#since;
    return ms > patienceMs ? Math.round(ms) : 0;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#since = this.#clock.nowMs();
      // An error (the volume is full, or read-only) is an answer.
      await writeThrough(this.#path).catch(() => undefined);
      this.#since = undefined;
      await this.#clock.sleep(intervalMs, signal).catch(() => undefined);
    }
  }
}

async function writeThrough(path: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'w');
    await file.write('.');
    await file.datasync();
  } finally {
    await file?.close();
  }
}
