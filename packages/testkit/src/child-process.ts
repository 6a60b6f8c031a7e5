import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { registerResource } from './started-resources.ts';

export interface ProcessOptions {
  /** For messages: 'mysqld on 3306'. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const keptLines = 300;

/** A program that runs beside the test, with its output kept for messages. It does not outlive the test's process. */
export class StartedProcess {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #exit: Exit | undefined;

  private constructor(name: string, pid: number, child: ChildProcess) {
    this.name = name;
    this.pid = pid;
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
  }

  static async start({ name, command, args, cwd, env }: ProcessOptions): Promise<StartedProcess> {
    const [program, ...programArgs] = boundToThisProcess(command, args);
    const child = spawn(program, programArgs, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const started = new StartedProcess(name, child.pid ?? 0, child);
    started.#collect();
    killAtExit(child);
    const forget = registerResource(`${name} (pid ${started.pid})`, async () => {
      await started.stop({ signal: 'SIGKILL' });
    });
    void started.exited.then(() => {
      running.delete(child);
      forget();
    });
    return started;
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  /** The last lines it printed, both streams. */
  output(): string {
    return this.#lines.join('\n');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks with the signal, and kills it if it has not gone by the deadline (stopped processes too). Idempotent. */
  async stop({
    signal = 'SIGTERM',
    deadlineMs = 20_000,
  }: {
    signal?: NodeJS.Signals;
    deadlineMs?: number;
  } = {}): Promise<Exit> {
    this.kill(signal);
    const timer = setTimeout(() => {
      this.kill('SIGKILL');
    }, deadlineMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  #collect(): void {
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        this.#lines.push(...lines);
        if (this.#lines.length > keptLines) this.#lines.splice(0, this.#lines.length - keptLines);
      });
    }
  }
}

/** Resolves when `ready` does; fails at once, with the output, when the process ends first. */
export async function readyOrFailed(
  started: StartedProcess,
  ready: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const ended = new AbortController();
  void started.exited.then(({ code, signal }) => {
    ended.abort(new Error(`${started.name} ended (${signal ?? code}) before it was ready:\n${started.output()}`));
  });
  try {
    await ready(ended.signal);
    ended.signal.throwIfAborted();
  } catch (error: unknown) {
    await started.stop({ signal: 'SIGKILL' });
    throw error;
  }
}

/**
 * A test run that is killed must not leave servers behind: the kernel kills them with it. Where there is no setpriv (not Linux), an orderly end of the
 * run still does.
 */
function boundToThisProcess(command: string, args: readonly string[]): [string, ...string[]] {
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', command, ...args] : [command, ...args];
}

const setpriv = '/usr/bin/setpriv';
const running = new Set<ChildProcess>();

function killAtExit(child: ChildProcess): void {
  if (running.size === 0) process.once('exit', killRunning);
  running.add(child);
}

function killRunning(): void {
  for (const child of running) child.kill('SIGKILL');
}
