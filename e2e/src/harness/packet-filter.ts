import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
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
  // Kept open: the process may end before the cut does.
  const namespace = openSync(`/proc/${pid}/ns/net`, 'r');
  const rules = [
    ...to.map((address) => ['OUTPUT', '--destination', address]),
    ...from.map((address) => ['INPUT', '--source', address]),
  ];
  for (const rule of rules) await iptables(namespace, '--insert', ...rule);
  return async () => {
    for (const rule of rules) await iptables(namespace, '--delete', ...rule);
    closeSync(namespace);
  };
}

async function iptables(namespace: number, action: string, chain = '', ...match: string[]): Promise<void> {
  const inside = `--net=/proc/${process.pid}/fd/${namespace}`;
  await run('nsenter', [inside, 'iptables', '--wait', action, chain, ...match, '--jump', 'DROP']);
}
