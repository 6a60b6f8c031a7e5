import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isErrno, readIfThere, removeDurably, writeDurably } from './files.ts';
import type { Paths } from './paths.ts';

const cloningSchema = z.object({ startedAt: z.string(), donor: z.string(), reason: z.string() });

/** A clone that began; while it is written, what is on the volume may be neither the old data nor the donor's. */
export type CloningMarker = z.infer<typeof cloningSchema>;

/** What the volume says of its own data; it survives the agent and the pod. */
export interface DataFacts {
  /** No data of anybody: not initialised yet, or initialised here and never filled. */
  readonly blank: boolean;
  readonly cloning: CloningMarker | undefined;
}

/**
 * Markers in `.pilotfish/` on the volume. Absence means data: a volume that comes from elsewhere is never taken for blank,
 * and an instance that restarts with data needs nobody's word to serve.
 */
export class DataMarkers {
  readonly #paths: Paths;

  constructor(paths: Paths) {
    this.#paths = paths;
  }

  async read(): Promise<DataFacts> {
    const [systemTables, initializing, blank, cloning] = await Promise.all([
      exists(join(this.#paths.data, 'mysql')),
      exists(this.#marker('initializing')),
      exists(this.#marker('blank')),
      readIfThere(this.#marker('cloning')),
    ]);
    return {
      blank: !systemTables || initializing || blank,
      cloning: cloning === undefined ? undefined : parse(cloning),
    };
  }

  /** The instance has data from now on. */
  async removeBlank(): Promise<void> {
    await removeDurably(this.#marker('blank'));
  }

  async writeCloning(marker: CloningMarker): Promise<void> {
    await mkdir(this.#paths.own, { recursive: true });
    await writeDurably(this.#marker('cloning'), `${JSON.stringify(marker)}\n`);
  }

  async removeCloning(): Promise<void> {
    await removeDurably(this.#marker('cloning'));
  }

  #marker(name: 'initializing' | 'blank' | 'cloning'): string {
    return join(this.#paths.own, name);
  }
}

/** A marker that can't be read still says that a clone began. */
function parse(text: string): CloningMarker {
  try {
    return cloningSchema.parse(JSON.parse(text));
  } catch {
    return { startedAt: '', donor: '', reason: '' };
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error: unknown) {
    if (isErrno(error, 'ENOENT')) return false;
    throw error;
  }
}
