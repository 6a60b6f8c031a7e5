import { writeFileSync } from 'node:fs';
import { layout, type NodeLayout, nodes } from './layout.ts';
import { runCommand, succeeds } from './run-command.ts';

/**
 * Makes what is missing of the bridge, the nodes' namespaces, their cables and routes.
 *
 * A node has no default route: nothing that runs on it reaches anything but the cluster.
 */
export async function ensureNetwork(): Promise<void> {
  const { bridge, hostAddress, prefixLength, serviceRange } = layout;
  if (!(await succeeds('ip', ['link', 'show', bridge]))) await ip('link', 'add', bridge, 'type', 'bridge');
  await ip('address', 'replace', `${hostAddress}/${prefixLength}`, 'dev', bridge);
  await ip('link', 'set', bridge, 'up');
  for (const node of nodes) await ensureNode(node);
  // Services exist on nodes only; without this the host would look for them behind its default route.
  await ip('route', 'replace', 'blackhole', serviceRange);
  for (const node of nodes) await ip('route', 'replace', node.podRange, 'via', node.address);
}

export async function removeNetwork(): Promise<void> {
  for (const node of nodes) {
    await succeeds('ip', ['link', 'delete', node.link]);
    await succeeds('ip', ['netns', 'delete', node.name]);
  }
  await succeeds('ip', ['link', 'delete', layout.bridge]);
  await succeeds('ip', ['route', 'delete', 'blackhole', layout.serviceRange]);
}

/** Pulls or plugs the cable of a node. */
export async function setLink(node: NodeLayout, state: 'up' | 'down'): Promise<void> {
  await ip('link', 'set', node.link, state);
}

async function ensureNode(node: NodeLayout): Promise<void> {
  if (!(await succeeds('ip', ['netns', 'exec', node.name, 'true']))) {
    // A name without a namespace stays behind when the machine is killed.
    await succeeds('ip', ['netns', 'delete', node.name]);
    await ip('netns', 'add', node.name);
  }
  const inside = (...args: string[]): Promise<string> => ip('-n', node.name, ...args);
  const isCabled =
    (await succeeds('ip', ['link', 'show', node.link])) &&
    (await succeeds('ip', ['-n', node.name, 'link', 'show', 'eth0']));
  if (!isCabled) {
    await succeeds('ip', ['link', 'delete', node.link]);
    await ip('link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', node.name);
  }
  await ip('link', 'set', node.link, 'master', layout.bridge, 'up');
  await inside('link', 'set', 'lo', 'up');
  await inside('address', 'replace', `${node.address}/${layout.prefixLength}`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  // A process of the node itself needs some route for a Service's address, before kube-proxy's rules replace it.
  await inside('route', 'replace', layout.serviceRange, 'dev', 'eth0');
  for (const other of nodes) {
    if (other !== node) await inside('route', 'replace', other.podRange, 'via', other.address);
  }
  await runCommand('nsenter', [`--net=/run/netns/${node.name}`, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
}

/** Three kubelets and containerds watch more files than a machine's defaults allow one user. */
export function raiseKernelLimits(): void {
  writeFileSync('/proc/sys/fs/inotify/max_user_instances', '8192');
}

/**
 * Removes the node's ends of its pods' links, with their routes. The kernel does so by itself some time after a pod's namespace
 * is gone, which may be after the next pod got the same address: then the old link would take the new pod's route along.
 */
export async function removePodLinks(node: NodeLayout): Promise<void> {
  const lines = await ip('-netns', node.name, '-oneline', 'link', 'show', 'type', 'veth');
  for (const [, name] of lines.matchAll(/^\d+: (veth[^@:\s]+)/gm)) {
    if (name !== undefined) await succeeds('ip', ['-netns', node.name, 'link', 'delete', name]);
  }
}

async function ip(...args: string[]): Promise<string> {
  return await runCommand('ip', args);
}
