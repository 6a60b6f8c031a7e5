import { join } from 'node:path';
import { runDir } from './paths.ts';

/** The addresses and names of the cluster: one bridge, and a network namespace on it for each node. */
export const layout = {
  bridge: 'pilotfish0',
  /** The host's side of the bridge, where the control plane listens. */
  hostAddress: '10.200.0.1',
  prefixLength: 24,
  apiServerUrl: 'https://10.200.0.1:6443',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  apiServiceAddress: '10.96.0.1',
  dnsServiceAddress: '10.96.0.10',
  dnsDomain: 'cluster.local',
  /** Processes of the control plane are in this cgroup, those of a node and its pods in the one named like the node. */
  controlPlaneCgroup: 'pf-control-plane',
  volumesDir: join(runDir, 'volumes'),
} as const;

export interface NodeLayout {
  /** Counts from 1. */
  readonly number: number;
  /** Also the name of its network namespace and of its cgroups. */
  readonly name: string;
  readonly zone: string;
  readonly address: string;
  readonly podRange: string;
  /** The host's end of its cable. */
  readonly link: string;
  /** What survives a power cut: images, containers' disks, the kubelet's records. */
  readonly diskDir: string;
  /** What doesn't: sockets, mounts, pids. */
  readonly stateDir: string;
}

export const nodes: readonly NodeLayout[] = [1, 2, 3].map((number) => ({
  number,
  name: `pf-node-${number}`,
  zone: `zone-${number}`,
  address: `10.200.0.${10 + number}`,
  podRange: `10.244.${number}.0/24`,
  link: `pf-link-${number}`,
  diskDir: join(runDir, `nodes/pf-node-${number}`),
  stateDir: `/run/pilotfish/pf-node-${number}`,
}));

export function nodeByNumber(text: string | undefined): NodeLayout {
  const node = nodes.find(({ number, name }) => String(number) === text || name === text);
  if (node === undefined) throw new Error(`There is no node ${text}; the nodes are 1, 2 and 3.`);
  return node;
}
