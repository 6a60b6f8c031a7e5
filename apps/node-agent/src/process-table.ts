import { join } from 'node:path';
import { basename } from 'node:path/posix';
import { isErrno, readIfThere } from './files.ts';

/** One process, told apart from a later one with the same pid by its start time. */
export interface ProcessEntry {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTicks: string;
  /** One letter as in proc(5): R, S, D, T (stopped), Z (dead, not reaped yet). */
  readonly state: string;
  readonly threads: number;
  readonly argv: readonly string[];
}

/** Processes as /proc shows them: with shareProcessNamespace, all of the pod's. */
export class ProcessTable {
  readonly #proc: string;

  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  async read(pid: number): Promise<ProcessEntry | undefined> {
    try {
      const directory = join(this.#proc, String(pid));
      const stat = await readIfThere(join(directory, 'stat'));
      const commandLine = await readIfThere(join(directory, 'cmdline'));
      if (stat === undefined || commandLine === undefined) return undefined;
      // The second field is the name in parentheses and may hold spaces and parentheses itself.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [state, threads, startTicks] = [fields[0], Number(fields[17]), fields[19]];
      if (state === undefined || startTicks === undefined) return undefined;
      return { pid, state, startTicks, threads, argv: commandLine.split('\0').filter((argument) => argument !== '') };
    } catch (error: unknown) {
      // Read while it ended.
      if (isErrno(error, 'ESRCH')) return undefined;
      throw error;
    }
  }

  /** Whether this very process still runs; a dead one that nobody reaped yet does not. */
  async isAlive({ pid, startTicks }: Pick<ProcessEntry, 'pid' | 'startTicks'>): Promise<boolean> {
    const now = await this.read(pid);
    return now !== undefined && now.startTicks === startTicks && isLiving(now);
  }
}

/**
 * Whether any of it can still do anything. The first thread of a killed process may be dead while others sit in the kernel, with
 * the process's sockets and locks.
 */
export function isLiving({ state, threads }: ProcessEntry): boolean {
  return (state !== 'Z' && state !== 'X') || threads > 1;
}

/** A serving mysqld of this defaults file: not one that initialises, and no other program that has its pid by now. */
export function isServingMysqld({ argv }: ProcessEntry, defaultsFile: string): boolean {
  return (
    argv.some((argument) => basename(argument) === 'mysqld') &&
    argv.includes(`--defaults-file=${defaultsFile}`) &&
    !argv.some((argument) => argument.startsWith('--initialize'))
  );
}
