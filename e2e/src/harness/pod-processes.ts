import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import { expectThat } from './wait-for.ts';

/** All processes on this host that belong to a pod, known by its uid in the name of their cgroup. The pause process is one of them. */
export function processesOfPod(podUid: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        return readFileSync(`/proc/${entry}/cgroup`, 'utf8').includes(podUid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export function killProcesses(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

/**
 * Ends a pod without giving it a moment to say goodbye: its processes are killed, and the pod is deleted so that its place is taken by one
 * with another name, which can't pass for the old holder of a lease.
 */
export async function killPod(
  env: Environment,
  namespace: string,
  { name, uid }: { name: string; uid: string },
): Promise<void> {
  killProcesses(processesOfPod(uid));
  await env.kube.remove(resources.pods, namespace, name, { gracePeriodSeconds: 0 });
}

/** A path as the containers of a pod see it, as a path of this host. Goes through any process of the pod that has it: mysqld may be down. */
export function pathInPod(podUid: string, path: string): string {
  const found = processesOfPod(podUid)
    .map((pid) => `/proc/${pid}/root${path}`)
    .find((candidate) => existsSync(candidate));
  expectThat(found !== undefined, `no process of pod ${podUid} on this machine has ${path}`);
  return found;
}
