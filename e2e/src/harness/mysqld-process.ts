import { readdirSync, readFileSync } from 'node:fs';
import type { Pod } from './kube-objects.ts';
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

/** Stops the mysqld of a pod with SIGSTOP. Returns what lets it go on, if it was not killed meanwhile. */
export function hangMysqld({ metadata }: Pod): () => void {
  const pid = signalMysqld(metadata.uid, 'SIGSTOP');
  return () => {
    // A process of that number that is not this one would not mind to be continued.
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was killed meanwhile.
    }
  };
}
