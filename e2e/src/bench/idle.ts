import { z } from 'zod';
import type { Environment } from '../harness/environment.ts';
import { resources } from '../harness/kube-api.ts';
import { clusterShape, podShape } from '../harness/kube-objects.ts';
import { observeFor } from '../harness/observe.ts';
import { OperatorServices, serviceNames } from '../harness/services.ts';
import { removeNamespace, TestCluster } from '../harness/test-cluster.ts';
import { expectThat } from '../harness/wait-for.ts';
import { usageOfContainers } from './container-usage.ts';

export interface IdleRow {
  readonly kind: string;
  readonly pod: string;
  /** Of one core. */
  readonly cpuPercent: number;
  readonly rssMiB: number;
}

export interface IdleReport {
  readonly seconds: number;
  readonly clusters: readonly string[];
  readonly rows: readonly IdleRow[];
}

interface MeasuredContainer {
  readonly kind: string;
  readonly pod: string;
  readonly id: string;
}

const BENCH_NAMESPACE = 'bench-idle';
/** Until caches are filled and the events of the start are over. */
const SETTLE_MS = 20_000;
const MIB = 1_048_576;

/**
 * What the operator costs while nothing happens: its services, NATS, and the agents of one three-instance cluster. The cluster that is there
 * is measured; without one, one is made for the purpose and removed. Prints what it does through `log`.
 */
export async function measureIdle(env: Environment, seconds: number, log: (line: string) => void): Promise<IdleReport> {
  expectThat(env.local, 'only processes of this machine can be measured: unset KUBECONFIG');
  const existing = (await env.kube.list(resources.clusters, '')).map((object) => clusterShape.parse(object).metadata);
  if (existing.length > 1) log(`There are ${existing.length} clusters; the targets are for one.`);
  const own =
    existing.length === 0 ? await TestCluster.create(env, BENCH_NAMESPACE, 'idle', { replicas: 3 }) : undefined;
  try {
    const clusters =
      own === undefined ? existing.map(({ namespace, name }) => new TestCluster(env, namespace, name)) : [own];
    for (const cluster of clusters) await cluster.waitFullyRedundant();
    log(`Measuring for ${seconds} s, after ${SETTLE_MS / 1000} s of rest …`);
    await observeFor(SETTLE_MS);
    const rows = await measure(await containersOf(env, clusters), seconds);
    return { seconds, clusters: clusters.map(({ namespace, name }) => `${namespace}/${name}`), rows };
  } finally {
    if (own !== undefined) await removeNamespace(env, BENCH_NAMESPACE);
  }
}

async function measure(containers: readonly MeasuredContainer[], seconds: number): Promise<IdleRow[]> {
  const ids = containers.map(({ id }) => id);
  const before = usageOfContainers(ids);
  const startMs = performance.now();
  await observeFor(seconds * 1000);
  const after = usageOfContainers(ids);
  const elapsedMs = performance.now() - startMs;
  return containers.map(({ kind, pod, id }) => {
    const cpuMs = (after.get(id)?.cpuMs ?? 0) - (before.get(id)?.cpuMs ?? 0);
    return { kind, pod, cpuPercent: (100 * cpuMs) / elapsedMs, rssMiB: (after.get(id)?.rssBytes ?? 0) / MIB };
  });
}

const identified = podShape.extend({
  status: z.object({ containerStatuses: z.array(z.object({ name: z.string(), containerID: z.string() })) }),
});

async function containersOf(env: Environment, clusters: readonly TestCluster[]): Promise<MeasuredContainer[]> {
  const services = await OperatorServices.find(env.kube);
  const found: MeasuredContainer[] = [];
  const operatorPods = (await env.kube.list(resources.pods, services.namespace)).map((pod) => identified.parse(pod));
  for (const { metadata, status } of operatorPods) {
    const kind = metadata.labels['app.kubernetes.io/component'] ?? '';
    if (![...serviceNames, 'nats'].includes(kind)) continue;
    for (const { containerID } of status.containerStatuses)
      found.push({ kind, pod: metadata.name, id: hexadecimalId(containerID) });
  }
  for (const { namespace, name } of clusters) {
    const pods = await env.kube.list(resources.pods, namespace, `mysql.presslabs.org/cluster=${name}`);
    for (const { metadata, status } of pods.map((pod) => identified.parse(pod))) {
      const sidecar = status.containerStatuses.find((container) => container.name === 'sidecar');
      if (sidecar !== undefined)
        found.push({ kind: 'node-agent', pod: metadata.name, id: hexadecimalId(sidecar.containerID) });
    }
  }
  return found;
}

function hexadecimalId(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1);
}
