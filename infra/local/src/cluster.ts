import { setTimeout as delay } from 'node:timers/promises';
import { ensureAddons, waitForDns } from './addons.ts';
import { ensureCertificates } from './certificates.ts';
import { killCgroup, processesOf } from './cgroup.ts';
import { ensureControlPlane } from './control-plane.ts';
import { hasNoRecords, isDaemonRunning } from './daemon.ts';
import { hostPackages } from './debian-packages.ts';
import { clearMemory } from './faults.ts';
import { importImages } from './image-import.ts';
import { getFromApi } from './kube-api.ts';
import { clusterImageReference, kubernetesImages } from './kubernetes-image.ts';
import { layout, type NodeLayout, nodes } from './layout.ts';
import { ensureNetwork, raiseKernelLimits } from './network.ts';
import { ensureContainerd, ensureNodeAgents, nodeDaemons } from './node.ts';
import type { Steps } from './steps.ts';
import { toolPaths } from './tools.ts';
import { DaemonError } from './wait-for-daemon.ts';

const HOST_PACKAGES = ['runc', 'iptables', 'nftables', 'conntrack', 'socat', 'xfsprogs', 'iproute2', 'openssl'];
const NODES_READY_DEADLINE_MS = 120_000;

/** Installs the programs of Debian that a cluster needs. */
export async function prepareHost(): Promise<void> {
  await hostPackages(HOST_PACKAGES);
  await toolPaths(['etcd', 'containerd', 'ctr']);
}

/** Brings up what is missing of Kubernetes; nothing happens to what runs as it should. */
export async function ensureCluster(steps: Steps): Promise<void> {
  const images = await steps.run('images of the cluster itself', kubernetesImages);
  if (hasNoRecords()) await endStrays();
  await steps.run('network', async () => {
    raiseKernelLimits();
    await ensureNetwork();
  });
  await steps.run('control plane', async () => {
    await ensureCertificates();
    await ensureControlPlane();
  });
  await steps.run('nodes', async () => {
    await Promise.all(
      nodes.map(async (node) => {
        await cleanAfterCrash(node);
        await ensureContainerd(node);
      }),
    );
    const named = Object.values(images).map((image) => ({
      reference: clusterImageReference(image),
      digest: image.digest,
    }));
    for (const node of nodes) await importImages(node, named);
    await Promise.all(nodes.map(ensureNodeAgents));
    await waitForNodes();
  });
  await steps.run('DNS and storage classes', async () => {
    await ensureAddons();
    await waitForDns();
  });
  // A node counts as Ready for a while after its processes have ended.
  const daemons = ['local-provisioner', ...nodes.flatMap((node) => Object.values(nodeDaemons(node)))];
  const ended = daemons.find((name) => !isDaemonRunning(name));
  if (ended !== undefined) throw new DaemonError(ended, 'has ended soon after its start');
}

/** Ends the processes of a cluster whose files have been removed: nothing else could. */
async function endStrays(): Promise<void> {
  for (const { name } of nodes) await killCgroup(name);
  await killCgroup(layout.controlPlaneCgroup);
}

/** A node without any process has lost its power, or the machine was restarted: it starts like after a boot. */
async function cleanAfterCrash(node: NodeLayout): Promise<void> {
  if (processesOf(node.name).length === 0) await clearMemory(node);
}

async function waitForNodes(): Promise<void> {
  const deadline = performance.now() + NODES_READY_DEADLINE_MS;
  for (;;) {
    const ready = readyNodes(await getFromApi('/api/v1/nodes'));
    const missing = nodes.find(({ name }) => !ready.has(name));
    if (missing === undefined) return;
    for (const daemon of Object.values(nodeDaemons(missing))) {
      if (!isDaemonRunning(daemon)) throw new DaemonError(daemon, 'has ended');
    }
    if (performance.now() >= deadline)
      throw new DaemonError(nodeDaemons(missing).kubelet, `${missing.name} does not become Ready`);
    await delay(250);
  }
}

interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function readyNodes(list: unknown): Set<string> {
  const { items } = list as { readonly items: readonly NodeObject[] };
  const ready = items.filter(({ status }) =>
    status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
  return new Set(ready.map(({ metadata }) => metadata.name));
}
