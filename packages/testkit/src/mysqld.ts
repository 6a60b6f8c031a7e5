import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Exit, readyOrFailed, StartedProcess } from './child-process.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { isGreeted } from './mysqld-greeting.ts';
import { type MysqldSettings, mysqldSettings, settingArguments } from './mysqld-settings.ts';
import { asUser, copyTemplate, mysqldAccounts } from './mysqld-template.ts';
import { type TempFolder, tempFolder } from './temp-folder.ts';
import { toolPath } from './tool-path.ts';

export interface MysqldOptions {
  readonly serverId: number;
  /** Over the operator's my.cnf, in its words; `null` leaves one out. */
  readonly settings?: MysqldSettings;
  /** Its wall clock goes so far ahead of the machine's, seconds; negative: behind. */
  readonly clockAheadSeconds?: number;
}

/** Fits @pilotfish/mysql's Endpoint. */
export interface MysqldEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const readyDeadlineMs = 60_000;
/** With MYSQLD_PARENT_PID set, what a RESTART statement, and the end of a CLONE, make mysqld exit with. */
const restartExitCode = 16;

/**
 * A real mysqld on a port of 127.0.0.1, with the operator's settings: GTIDs, semi-sync and clone plugins loaded, **read-only as it starts**.
 * gtid_executed is empty; the accounts are there. It has its own folder, which outlives stop and kill and goes with close().
 */
export class Mysqld {
  readonly port: number;
  readonly socket: string;
  readonly datadir: string;
  readonly serverId: number;
  /** May do everything. */
  readonly root: MysqldEndpoint;
  /** For CHANGE REPLICATION SOURCE, and as donor's user of a CLONE. */
  readonly replication: MysqldEndpoint;
  readonly #folder: TempFolder;
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #clock: Readonly<Record<string, string>>;
  #process: StartedProcess | undefined;
  #restarting: Promise<void> | undefined;
  #wanted = false;

  private constructor(
    folder: TempFolder,
    command: string,
    port: number,
    clock: Readonly<Record<string, string>>,
    { serverId, settings = {} }: MysqldOptions,
  ) {
    this.#clock = clock;
    this.#folder = folder;
    this.#command = command;
    this.port = port;
    this.serverId = serverId;
    this.datadir = join(folder.path, 'data');
    this.socket = join(folder.path, 'mysqld.sock');
    this.root = { host: '127.0.0.1', port, ...mysqldAccounts.root };
    this.replication = { host: '127.0.0.1', port, ...mysqldAccounts.replication };
    this.#args = [
      '--no-defaults',
      ...asUser(),
      `--datadir=${this.datadir}`,
      `--socket=${this.socket}`,
      `--pid-file=${join(folder.path, 'mysqld.pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--server-id=${serverId}`,
      '--report-host=127.0.0.1',
      ...settingArguments(mysqldSettings(settings)),
    ];
  }

  static async start(options: MysqldOptions): Promise<Mysqld> {
    const command = await toolPath('mysqld');
    const folder = await tempFolder('mysqld');
    const clock = await fakeClock(options.clockAheadSeconds ?? 0);
    const mysqld = new Mysqld(folder, command, await freePort(), clock, options);
    try {
      await copyTemplate(command, mysqld.datadir);
      await mysqld.start();
      return mysqld;
    } catch (error: unknown) {
      await mysqld.close();
      throw error;
    }
  }

  get isRunning(): boolean {
    return this.#process?.isRunning === true;
  }

  /** Of the running process. */
  get pid(): number {
    if (this.#process?.isRunning !== true) throw new Error(`mysqld ${this.serverId} is not running`);
    return this.#process.pid;
  }

  /** What it printed since it started last: the error log. */
  log(): string {
    return this.#process?.output() ?? '';
  }

  async uuid(): Promise<string> {
    const text = await readFile(join(this.datadir, 'auto.cnf'), 'utf8');
    return /server-uuid=(\S+)/.exec(text)?.[1] ?? '';
  }

  /** Resolves when it takes connections. */
  async start(): Promise<void> {
    this.#wanted = true;
    const started = await StartedProcess.start({
      name: `mysqld ${this.serverId} on ${this.port}`,
      command: this.#command,
      args: this.#args,
      cwd: this.#folder.path,
      env: { MYSQLD_PARENT_PID: String(process.pid), ...this.#clock },
    });
    this.#process = started;
    void started.exited.then((exit) => {
      this.#startAgainAfter(exit);
    });
    await readyOrFailed(
      started,
      async (signal) =>
        await eventually(async () => await isGreeted(this.port, readyDeadlineMs), {
          deadlineMs: readyDeadlineMs,
          describe: `mysqld ${this.serverId} to take connections`,
          signal,
        }),
    );
  }

  /** SIGKILL is the crash, SIGSTOP the hang, SIGCONT its end. */
  kill(signal: NodeJS.Signals): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.#wanted = false;
    this.#process?.kill(signal);
  }

  /** Resolves when the process is gone (after kill, or a SHUTDOWN statement). */
  async exited(): Promise<Exit | undefined> {
    return await this.#process?.exited;
  }

  /** Shuts down in order. */
  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#process?.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends it at once, whatever its state, and removes its folder. Idempotent. */
  async close(): Promise<void> {
    this.#wanted = false;
    await this.#process?.stop({ signal: 'SIGKILL' });
    await this.#restarting;
    // What a restart started in between.
    await this.#process?.stop({ signal: 'SIGKILL' });
    await this.#folder.remove();
  }

  #startAgainAfter({ code }: Exit): void {
    if (code !== restartExitCode || !this.#wanted) return;
    // Whoever waits for the server finds out by itself if this fails; the log has the reason.
    this.#restarting = this.start().catch(() => undefined);
  }
}

/** The environment in which a program's clocks are that far ahead. The monotonic one too: mysqld spins in its waits if only one of them is. */
async function fakeClock(aheadSeconds: number): Promise<Readonly<Record<string, string>>> {
  if (aheadSeconds === 0) return {};
  return {
    MYSQL_PRELOAD: await toolPath('libfaketime'),
    FAKETIME: `${aheadSeconds > 0 ? '+' : ''}${String(aheadSeconds)}`,
  };
}

export async function startMysqld(options: MysqldOptions): Promise<Mysqld> {
  return await Mysqld.start(options);
}
