import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Pod } from './kube-objects.ts';
import { processesOfPod } from './pod-processes.ts';
import { expectThat } from './wait-for.ts';

const run = promisify(execFile);

export interface Cut {
  /** Addresses that the pod's packets no longer reach. */
  readonly to?: readonly string[];
  /** Addresses whose packets no longer reach the pod. */
  readonly from?: readonly string[];
}

/** Drops packets in the network namespace of a pod, in one direction or both. Returns what lets them pass again. */
export async function dropPackets(pod: Pod, { to = [], from = [] }: Cut): Promise<() => Promise<void>> {
  const pid = processesOfPod(pod.metadata.uid)[0];
  expectThat(pid !== undefined, `no process of ${pod.metadata.name} runs on this machine`);
  const rules = [
    ...to.map((address) => ['OUTPUT', '--destination', address]),
    ...from.map((address) => ['INPUT', '--source', address]),
  ];
  for (const rule of rules) await iptables(pid, '--insert', ...rule);
  return async () => {
    // A pod that ended meanwhile took its rules along.
    for (const rule of rules) await iptables(pid, '--delete', ...rule).catch(() => undefined);
  };
}

async function iptables(pid: number, action: string, chain = '', ...match: string[]): Promise<void> {
  await run('nsenter', [`--net=/proc/${pid}/ns/net`, 'iptables', '--wait', action, chain, ...match, '--jump', 'DROP']);
}
