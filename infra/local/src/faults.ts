import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { killCgroup } from './cgroup.ts';
import { type NodeLayout, nodeByNumber } from './layout.ts';
import { unmountBelow } from './mounts.ts';
import { removePodLinks, setLink } from './network.ts';
import { ensureContainerd, ensureNodeAgents } from './node.ts';

const faults: Readonly<Record<string, (node: NodeLayout) => Promise<void>>> = {
  'power-off': powerOff,
  'power-on': powerOn,
  cut,
  join: rejoin,
};

/** A fault by name, as on the command line: `fault power-off 2`. */
export async function injectFault(name: string | undefined, node: string | undefined): Promise<void> {
  const fault = faults[name ?? ''];
  if (fault === undefined) throw new Error(`There is no fault ${name}; there are: ${Object.keys(faults).join(', ')}`);
  await fault(nodeByNumber(node));
}

/** The node is gone from one moment to the next: its cable and all its processes, without a word to anyone. */
async function powerOff(node: NodeLayout): Promise<void> {
  await setLink(node, 'down');
  await killCgroup(node.name);
}

/** The node boots: with its disks as they were, and without what was in memory. */
async function powerOn(node: NodeLayout): Promise<void> {
  await killCgroup(node.name);
  await clearMemory(node);
  await setLink(node, 'up');
  await ensureContainerd(node);
  await ensureNodeAgents(node);
}

/** The node runs on, and reaches nobody. */
async function cut(node: NodeLayout): Promise<void> {
  await setLink(node, 'down');
}

async function rejoin(node: NodeLayout): Promise<void> {
  await setLink(node, 'up');
}

/** Forgets what a boot forgets: mounts, sockets, the links of pods that are gone, and the addresses given to them. */
export async function clearMemory(node: NodeLayout): Promise<void> {
  await unmountBelow(node.stateDir);
  await unmountBelow(node.diskDir);
  await removePodLinks(node);
  rmSync(node.stateDir, { recursive: true, force: true });
  rmSync(join(node.diskDir, 'ipam'), { recursive: true, force: true });
}
