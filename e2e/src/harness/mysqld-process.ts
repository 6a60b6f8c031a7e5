import { readdirSync, readFileSync } from 'node:fs';
import { expectThat } from './wait-for.ts';

/**
 * The pid, on this host, of the mysqld of a pod, or undefined when it has none at present.
 * The pod is known by its uid, which is part of the name of its cgroup. Works for pods whose node runs on this machine.
 */
export function mysqldPid(podUid: string): number | undefined {
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      if (readFileSync(`/proc/${entry}/comm`, 'utf8').trim() !== 'mysqld') continue;
      const cgroups = readFileSync(`/proc/${entry}/cgroup`, 'utf8');
      if (cgroups.includes(podUid) || cgroups.includes(podUid.replaceAll('-', '_'))) return Number(entry);
    } catch {
      // The process ended while we looked.
    }
  }
  return undefined;
}

/** Sends a signal to the mysqld of a pod and returns its pid. Throws when it doesn't run. */
export function signalMysqld(podUid: string, signal: 'SIGKILL' | 'SIGSTOP'): number {
  const pid = mysqldPid(podUid);
  expectThat(pid !== undefined, `no mysqld of pod ${podUid} runs on this machine`);
  process.kill(pid, signal);
  return pid;
}

/** Lets a stopped process go on; one that was killed meanwhile is fine. Returns whether it was still there. */
export function continueProcess(pid: number): boolean {
  try {
    process.kill(pid, 'SIGCONT');
    return true;
  } catch {
    return false;
  }
}
