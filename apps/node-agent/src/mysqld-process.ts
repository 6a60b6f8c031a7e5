import { rm, stat } from 'node:fs/promises';
import type { Clock } from '@pilotfish/service';
import { isErrno, readIfThere, writeDurably } from './files.ts';
import type { Paths } from './paths.ts';
import { isLiving, isServingMysqld, type ProcessEntry, type ProcessTable } from './process-table.ts';

export interface LastExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal?: number;
  /** ISO 8601. */
  readonly at: string;
}

const killDeadlineMs = 10_000;
const pollMs = 10;
/** From run-mysqld.sh's look for the hold to child.pid. */
const startMs = 300;

/** The process side of mysqld: what /proc and the control files of run-mysqld.sh say, and the last fence. */
export class MysqldProcess {
  readonly #paths: Paths;
  readonly #processes: ProcessTable;
  readonly #clock: Clock;

  constructor(paths: Paths, processes: ProcessTable, clock: Clock) {
    this.#paths = paths;
    this.#processes = processes;
    this.#clock = clock;
  }

  /** The serving mysqld, from its first moment on (before its crash recovery), or undefined. */
  async find(): Promise<ProcessEntry | undefined> {
    for (const file of this.#paths.pidFiles) {
      const entry = await this.#fromPidFile(file);
      if (entry !== undefined && isLiving(entry) && isServingMysqld(entry, this.#paths.defaultsFile)) return entry;
    }
    return undefined;
  }

  /**
   * Ends mysqld at once, a stopped or hanging one too, and resolves with its pid when it is gone (undefined: none ran).
   * Rejects when it is still there after 10 s: then it sits in the kernel, usually on a disk that doesn't answer.
   */
  async kill(): Promise<number | undefined> {
    const entry = await this.find();
    if (entry === undefined) return undefined;
    try {
      process.kill(entry.pid, 'SIGKILL');
    } catch (error: unknown) {
      if (!isErrno(error, 'ESRCH')) throw error;
    }
    const deadline = this.#clock.nowMs() + killDeadlineMs;
    while (await this.#processes.isAlive(entry)) {
      if (this.#clock.nowMs() > deadline) {
        throw new Error(
          `mysqld (pid ${entry.pid}) does not end on SIGKILL: it waits in the kernel, probably for its disk`,
        );
      }
      await this.#clock.sleep(pollMs);
    }
    return entry.pid;
  }

  /** Keeps run-mysqld.sh from starting mysqld until `release`, and ends one that runs; as `kill` otherwise. Lasts as long as the pod. */
  async killAndHold(reason: string): Promise<number | undefined> {
    await writeDurably(this.#paths.holdFile, `${reason}\n`);
    const killed = await this.kill();
    if (killed !== undefined) return killed;
    // It may have been about to start one, past its look for the hold.
    await this.#clock.sleep(startMs);
    return await this.kill();
  }

  async release(): Promise<void> {
    await rm(this.#paths.holdFile, { force: true });
  }

  async isHeld(): Promise<boolean> {
    return (await readIfThere(this.#paths.holdFile)) !== undefined;
  }

  async lastExit(): Promise<LastExit | undefined> {
    const text = await readIfThere(this.#paths.exitFile);
    if (text === undefined) return undefined;
    const code = Number.parseInt(text, 10);
    const at = (await stat(this.#paths.exitFile)).mtime.toISOString();
    if (Number.isNaN(code)) return undefined;
    // The shell's way to say "ended by a signal".
    return code > 128 ? { code: null, signal: code - 128, at } : { code, at };
  }

  /** Why run-mysqld.sh can't start mysqld, in its words. */
  async startFailure(): Promise<string | undefined> {
    return (await readIfThere(this.#paths.failureFile))?.trim() || undefined;
  }

  /** Whether mysqld runs or somebody would start it again. */
  async isSupervised(): Promise<boolean> {
    const supervisor = await this.#fromPidFile(this.#paths.supervisorPidFile);
    if (supervisor !== undefined && isLiving(supervisor) && supervisor.argv.some((a) => a.endsWith('run-mysqld.sh')))
      return true;
    return (await this.find()) !== undefined;
  }

  async #fromPidFile(path: string): Promise<ProcessEntry | undefined> {
    const pid = Number.parseInt((await readIfThere(path)) ?? '', 10);
    return Number.isNaN(pid) ? undefined : await this.#processes.read(pid);
  }
}
