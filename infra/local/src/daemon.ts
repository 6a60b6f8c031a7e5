import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { cacheKey } from './cache.ts';
import { ensureCgroup } from './cgroup.ts';
import { isErrno } from './errno.ts';
import { logDir, runDir } from './paths.ts';
import { processIdentity } from './process-identity.ts';
import { waitUntil } from './wait-until.ts';

/** Two processors are all there is for a control plane, three nodes and what runs on them; of memory there is enough. */
const thrift = { GOGC: '400' };

const recordDir = join(runDir, 'daemons');

/** A process that outlives this program. */
export interface DaemonSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cgroup: string;
  /** Name of the network namespace it runs in; the host's without one. */
  readonly netns?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Contents of files that it reads at its start: a change in one is a reason to start it again. */
  readonly inputs?: readonly string[];
}

interface DaemonRecord {
  readonly pid: number;
  readonly identity: string | undefined;
  readonly specKey: string;
}

/** Starts the daemon unless it runs with this very specification; returns whether it was started. */
export async function ensureDaemon(spec: DaemonSpec): Promise<boolean> {
  const specKey = cacheKey(JSON.stringify(spec));
  const record = liveRecord(spec.name);
  if (record?.specKey === specKey) return false;
  if (record !== undefined) await stopDaemon(spec.name, 'SIGTERM');
  start(spec, specKey);
  return true;
}

export function isDaemonRunning(name: string): boolean {
  return liveRecord(name) !== undefined;
}

/** Whether nothing is known about any daemon: this is the first start, or the records have been removed. */
export function hasNoRecords(): boolean {
  return !existsSync(recordDir);
}

export function daemonLog(name: string): string {
  return join(logDir, `${name}.log`);
}

/** Ends the daemon, by SIGKILL when the signal isn't enough. */
export async function stopDaemon(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const record = liveRecord(name);
  if (record === undefined) return;
  const gone = (): boolean => liveRecord(name) === undefined;
  process.kill(record.pid, signal);
  try {
    await waitUntil(`${name} ends`, 2_000, gone);
  } catch {
    if (!gone()) process.kill(record.pid, 'SIGKILL');
    await waitUntil(`${name} ends`, 10_000, gone);
  }
}

function start(spec: DaemonSpec, specKey: string): void {
  mkdirSync(logDir, { recursive: true });
  mkdirSync(recordDir, { recursive: true });
  // The shell moves itself into the cgroups before it becomes the program, so that no child can be outside.
  const joinCgroups = ensureCgroup(spec.cgroup).map((folder) => `echo $$ > ${folder}/cgroup.procs`);
  const enter = spec.netns === undefined ? [] : ['nsenter', `--net=/run/netns/${spec.netns}`];
  const script = [...joinCgroups, 'exec "$@"'].join(' && ');
  const log = openSync(daemonLog(spec.name), 'a');
  const child = spawn('sh', ['-c', script, spec.name, ...enter, spec.command, ...spec.args], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: { ...process.env, ...thrift, ...spec.env },
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new Error(`${spec.name} can't be started`);
  // Whoever gives a node its power back may be a nice program, as the scenarios are: the node, and all its pods, must not be.
  setPriority(child.pid, 0);
  const record: DaemonRecord = { pid: child.pid, identity: processIdentity(child.pid), specKey };
  writeFileSync(recordPath(spec.name), JSON.stringify(record));
}

function liveRecord(name: string): DaemonRecord | undefined {
  const path = recordPath(name);
  if (!existsSync(path)) return undefined;
  try {
    const record = JSON.parse(readFileSync(path, 'utf8')) as DaemonRecord;
    if (record.identity !== undefined && processIdentity(record.pid) === record.identity) return record;
  } catch (error) {
    // A record that was being written when the machine stopped.
    if (!(error instanceof SyntaxError) && !isErrno(error, 'ENOENT')) throw error;
  }
  rmSync(path, { force: true });
  return undefined;
}

function recordPath(name: string): string {
  return join(recordDir, `${name}.json`);
}
