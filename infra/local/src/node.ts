import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCgroup } from './cgroup.ts';
import { type DaemonSpec, ensureDaemon } from './daemon.ts';
import { sidPackages } from './debian-packages.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { sandboxImage } from './kubernetes-image.ts';
import type { NodeLayout } from './layout.ts';
import { writeNodeConfig } from './node-config.ts';
import { succeeds } from './run-command.ts';
import { toolPaths } from './tools.ts';
import { waitForDaemon } from './wait-for-daemon.ts';

/** The names of a node's processes, in the order in which they start. */
export function nodeDaemons(node: NodeLayout): {
  readonly containerd: string;
  readonly kubelet: string;
  readonly proxy: string;
} {
  return { containerd: `${node.name}-containerd`, kubelet: `${node.name}-kubelet`, proxy: `${node.name}-kube-proxy` };
}

/** Starts the node's containerd, which images can be imported into from then on. */
export async function ensureContainerd(node: NodeLayout): Promise<void> {
  const tools = await toolPaths(['containerd']);
  const config = writeNodeConfig(node, await cniPlugins(), await sandboxImage());
  mkdirSync(node.stateDir, { recursive: true, mode: 0o711 });
  const name = nodeDaemons(node).containerd;
  const path = `${join(tools.containerd, '..')}:${process.env.PATH ?? ''}`;
  await ensureDaemon({
    ...onNode(node, name, tools.containerd, [`--config=${config.containerd}`]),
    env: { PATH: path },
    inputs: [config.contents.containerd],
  });
  await waitForDaemon(
    name,
    'it serves its socket',
    30_000,
    async () => existsSync(config.socket) && (await containerdAnswers(node)),
  );
}

/** Starts what doesn't run of the node's kubelet and kube-proxy. */
export async function ensureNodeAgents(node: NodeLayout): Promise<void> {
  const { kubernetes } = await toolPaths(['kubernetes']);
  const config = writeNodeConfig(node, await cniPlugins(), await sandboxImage());
  const names = nodeDaemons(node);
  // The kubelet refuses to start when the group that it shall make the pods' in isn't there.
  ensureCgroup(node.name);
  await ensureDaemon({
    ...onNode(node, names.kubelet, kubernetes, [
      'kubelet',
      `--config=${config.kubelet}`,
      `--kubeconfig=${writeKubeconfig(node.name)}`,
      `--root-dir=${join(node.diskDir, 'kubelet')}`,
      `--cert-dir=${join(node.diskDir, 'kubelet-pki')}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${node.address}`,
      `--node-labels=topology.kubernetes.io/zone=${node.zone}`,
    ]),
    inputs: [config.contents.kubelet],
  });
  await ensureDaemon({
    ...onNode(node, names.proxy, kubernetes, ['kube-proxy', `--config=${config.proxy}`]),
    inputs: [config.contents.proxy],
  });
}

export function containerdSocket(node: NodeLayout): string {
  return join(node.stateDir, 'containerd.sock');
}

async function containerdAnswers(node: NodeLayout): Promise<boolean> {
  const { ctr } = await toolPaths(['ctr']);
  return await succeeds(ctr, ['--address', containerdSocket(node), 'version'], { timeoutMs: 5_000 });
}

async function cniPlugins(): Promise<string> {
  return join(await sidPackages(['containernetworking-plugins'], { dependencies: false }), 'usr/lib/cni');
}

function onNode(node: NodeLayout, name: string, command: string, args: readonly string[]): DaemonSpec {
  return { name, command, args, cgroup: `${node.name}/system`, netns: node.name };
}
