import { z } from 'zod';
import { type Resource, resources } from './kube-api.ts';
import type { Stage } from './scenario.ts';
import type { TestCluster } from './test-cluster.ts';
import { waitFor } from './wait-for.ts';

const PREFIX = 'mysql.presslabs.org';
const STATUS_TIMEOUT_MS = 10_000;

const serviceShape = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }),
  spec: z.object({
    clusterIP: z.string(),
    selector: z.record(z.string(), z.string()),
    ports: z.array(z.object({ name: z.string(), port: z.number() })),
    publishNotReadyAddresses: z.boolean().default(false),
  }),
});

/** Checks names, labels, selectors, ports and status of a healthy cluster against what users of the old operator rely on; complains of each difference. */
export async function checkContract(stage: Stage, cluster: TestCluster): Promise<void> {
  await checkPods(stage, cluster);
  await checkServices(stage, cluster);
  await checkObjects(stage, cluster);
  await checkStatus(stage, cluster);
}

async function checkPods(stage: Stage, cluster: TestCluster): Promise<void> {
  for (const { metadata, spec } of await cluster.pods()) {
    const names = new Set(spec.containers.map(({ name }) => name));
    for (const name of ['mysql', 'sidecar', 'metrics-exporter'])
      stage.findings.expect(names.has(name), `${metadata.name} has no container ${name}`);
    const inits = spec.initContainers.map(({ name }) => name);
    stage.findings.expect(inits.includes('init'), `${metadata.name} has no init container init: ${inits.join(', ')}`);
    const scrape = [metadata.annotations['prometheus.io/scrape'], metadata.annotations['prometheus.io/port']];
    stage.findings.expect(scrape.join() === 'true,9125', `${metadata.name} has scrape annotations ${scrape.join()}`);
  }
}

async function checkServices(stage: Stage, cluster: TestCluster): Promise<void> {
  const common = { 'app.kubernetes.io/name': 'mysql', 'app.kubernetes.io/managed-by': PREFIX };
  const own = { ...common, [`${PREFIX}/cluster`]: cluster.name };
  const wanted = [
    {
      name: `${cluster.name}-mysql-master`,
      type: 'master',
      selector: { ...own, role: 'master' },
      ports: 'mysql 3306, sidecar-http 8080',
    },
    { name: `${cluster.name}-mysql`, type: 'ready-nodes', selector: { ...own, healthy: 'yes' }, ports: 'mysql 3306' },
    {
      name: `${cluster.name}-mysql-replicas`,
      type: 'ready-replicas',
      selector: { ...own, role: 'replica', healthy: 'yes' },
      ports: 'mysql 3306, sidecar-http 8080',
    },
    { name: 'mysql', type: 'namespace-nodes', selector: common, ports: 'mysql 3306, prometheus 9125' },
  ];
  for (const { name, type, selector, ports } of wanted) {
    const found = serviceShape.safeParse(await stage.env.kube.get(resources.services, cluster.namespace, name));
    if (!found.success) {
      stage.findings.complain(`no Service ${name}`);
      continue;
    }
    const { metadata, spec } = found.data;
    const label = metadata.labels[`${PREFIX}/service-type`];
    stage.findings.expect(label === type, `Service ${name} has service-type ${label}`);
    stage.findings.expect(
      sorted(spec.selector) === sorted(selector),
      `Service ${name} selects ${sorted(spec.selector)}`,
    );
    const portTexts = spec.ports.map((one) => `${one.name} ${one.port}`);
    for (const port of ports.split(', '))
      stage.findings.expect(portTexts.includes(port), `Service ${name} has no port ${port}`);
    if (name === 'mysql')
      stage.findings.expect(
        spec.clusterIP === 'None' && spec.publishNotReadyAddresses,
        'Service mysql is not headless with all addresses',
      );
  }
}

async function checkObjects(stage: Stage, cluster: TestCluster): Promise<void> {
  const wanted: [Resource, string][] = [
    [resources.secrets, `${cluster.name}-mysql-operated`],
    [resources.configMaps, `${cluster.name}-mysql`],
    [resources.disruptionBudgets, `${cluster.name}-mysql`],
    [resources.statefulSets, `${cluster.name}-mysql`],
    ...(await cluster.pods()).map(({ metadata }): [Resource, string] => [resources.claims, `data-${metadata.name}`]),
  ];
  for (const [resource, name] of wanted) {
    const object = await stage.env.kube.get(resource, cluster.namespace, name);
    stage.findings.expect(object !== undefined, `no ${resource.plural} ${name}`);
  }
}

/** The status is told once it has lasted for a moment. */
async function checkStatus(stage: Stage, cluster: TestCluster): Promise<void> {
  let complaints: readonly string[] = [];
  await waitFor(
    'the status to be that of a healthy cluster',
    async () => {
      complaints = [...(await complaintsOfStatus(cluster)), ...(await complaintsOfRow(stage, cluster))];
      return complaints.length === 0;
    },
    { timeoutMs: STATUS_TIMEOUT_MS, intervalMs: 500 },
  ).catch(() => undefined);
  for (const complaint of complaints) stage.findings.complain(complaint);
}

async function complaintsOfStatus(cluster: TestCluster): Promise<string[]> {
  const { spec, status } = await cluster.object();
  const complaints = status.readyNodes === spec.replicas ? [] : [`status.readyNodes is ${status.readyNodes}`];
  const types = Object.fromEntries(
    status.conditions.map((condition) => [condition.type, `${condition.status} ${condition.reason}`]),
  );
  const wanted = {
    Ready: 'True ClusterReady',
    ReadOnly: 'False ClusterReadOnlyFalse',
    FailoverInProgress: 'False ClusterMasterHealthy',
    PendingFailoverAck: 'False NoPendingFailoverAckExists',
  };
  for (const [type, text] of Object.entries(wanted))
    if (types[type] !== text) complaints.push(`condition ${type} is ${types[type]}`);
  for (let ordinal = 0; ordinal < spec.replicas; ordinal += 1) {
    const host = `${cluster.podName(ordinal)}.mysql.${cluster.namespace}`;
    const conditions = status.nodes.find(({ name }) => name === host)?.conditions ?? [];
    const text = ['Lagged', 'Replicating', 'Master', 'ReadOnly']
      .map((type) => conditions.find((one) => one.type === type)?.status ?? '?')
      .join();
    const isPrimary = cluster.podName(ordinal) === status.topology?.primary;
    if (text !== (isPrimary ? 'False,False,True,False' : 'False,True,False,True'))
      complaints.push(`status.nodes of ${host} says Lagged, Replicating, Master, ReadOnly = ${text}`);
  }
  return complaints;
}

/** What `kubectl get mysql` prints. */
async function complaintsOfRow(stage: Stage, cluster: TestCluster): Promise<string[]> {
  const { spec } = await cluster.object();
  const row = await stage.env.kube.printedRow(resources.clusters, cluster.namespace, cluster.name);
  const isRight = row.Ready === 'True' && row.Replicas === spec.replicas && row.Age !== undefined;
  return isRight ? [] : [`kubectl get mysql prints ${JSON.stringify(row)}`];
}

function sorted(object: Readonly<Record<string, string>>): string {
  return Object.entries(object)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
