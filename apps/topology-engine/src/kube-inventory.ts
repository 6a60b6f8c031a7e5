import {
  anyClusterLabels,
  apiGroup,
  apiVersionName,
  kind,
  labelKeys,
  operatedSecretKeys,
  operatedSecretName,
  ordinalOf,
  parseCluster,
  plural,
  ports,
  type ResolvedCluster,
  withDefaults,
} from '@pilotfish/api';
import {
  defineResource,
  Informer,
  type KubeClient,
  type KubeObject,
  type Node,
  nodes,
  type Pod,
  pods,
  secrets,
} from '@pilotfish/kube';
import type { Logger } from '@pilotfish/service';
import type { Credentials, Inventory, PodFacts } from './inventory.ts';
import { type KeptNode, keepNode } from './node-facts.ts';

export const mysqlClusters = defineResource<KubeObject>({
  group: apiGroup,
  version: apiVersionName,
  plural,
  kind,
  namespaced: true,
});

/** A pod as it is kept: what the engine reads, and nothing else. */
interface KeptPod extends KubeObject, Omit<PodFacts, 'zone' | 'region' | 'nodeLost'> {
  readonly clusterKey: string;
}

/** Clusters and their pods as informers see them; credentials are read when a cluster is taken over. */
export class KubeInventory implements Inventory {
  readonly clusters: Informer<KubeObject>;
  readonly pods: Informer<Pod, 'cluster', KeptPod>;
  /** Absent where the engine watches one namespace: it has no access to nodes then, and knows no zones. */
  readonly nodes: Informer<Node, never, KeptNode> | undefined;
  readonly #client: KubeClient;
  readonly #logger: Logger;
  readonly #parsed = new WeakMap<KubeObject, ResolvedCluster>();

  constructor({ client, namespace, logger }: { client: KubeClient; namespace: string; logger: Logger }) {
    this.#client = client;
    this.#logger = logger;
    this.clusters = new Informer({ client, resource: mysqlClusters, namespace, logger });
    this.nodes = namespace === '' ? new Informer({ client, resource: nodes, logger, transform: keepNode }) : undefined;
    const labelSelector = Object.entries(anyClusterLabels)
      .map(([label, value]) => `${label}=${value}`)
      .join(',');
    this.pods = new Informer<Pod, 'cluster', KeptPod>({
      client,
      resource: pods,
      namespace,
      logger,
      labelSelector,
      transform: keepPod,
      indexes: { cluster: (pod) => (pod.clusterKey === '' ? [] : [pod.clusterKey]) },
    });
  }

  keys(): string[] {
    return this.clusters.store.list().map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  }

  raw(key: string): KubeObject | undefined {
    return this.clusters.store.get(key);
  }

  /** Undefined when it is gone or its spec can't be understood, which cluster-controller reports. */
  cluster(key: string): ResolvedCluster | undefined {
    const raw = this.raw(key);
    if (!raw) return undefined;
    const known = this.#parsed.get(raw);
    if (known) return known;
    const result = parseCluster(raw);
    if (!result.ok) {
      this.#logger.warn({ key, problems: result.problems.slice(0, 5) }, 'this MysqlCluster can not be understood');
      return undefined;
    }
    const resolved = withDefaults(result.cluster);
    this.#parsed.set(raw, resolved);
    return resolved;
  }

  podFacts(key: string): readonly PodFacts[] {
    return this.pods.store.by('cluster', key).map((pod) => ({ ...pod, ...this.#place(pod.node) }));
  }

  #place(name: string): Pick<PodFacts, 'zone' | 'region' | 'nodeLost'> {
    const node = this.nodes?.store.get(name);
    return { zone: node?.zone, region: node?.region, nodeLost: node?.lost ?? false };
  }

  async credentials(key: string): Promise<Credentials | undefined> {
    const [namespace, name] = key.split('/');
    if (!namespace || !name) return undefined;
    const secret = await this.#client.find(
      secrets,
      { namespace, name: operatedSecretName(name) },
      { deadlineMs: 5_000 },
    );
    const read = (field: string): string => Buffer.from(secret?.data?.[field] ?? '', 'base64').toString('utf8');
    const keys = operatedSecretKeys;
    const credentials = {
      operator: { user: read(keys.operatorUser), password: read(keys.operatorPassword) },
      replication: { user: read(keys.replicationUser), password: read(keys.replicationPassword) },
      agentToken: read(keys.agentToken),
    };
    const complete = credentials.operator.user && credentials.operator.password && credentials.replication.password;
    return complete && credentials.agentToken ? credentials : undefined;
  }
}

function keepPod(pod: Pod): KeptPod {
  const { name, namespace = '', uid = '', resourceVersion = '', labels = {}, deletionTimestamp } = pod.metadata;
  const cluster = labels[labelKeys.cluster] ?? '';
  const ordinal = ordinalOf(cluster, name);
  const mysql = pod.status?.containerStatuses?.find((container) => container.name === 'mysql');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid, resourceVersion },
    clusterKey: ordinal === undefined ? '' : `${namespace}/${cluster}`,
    name,
    uid,
    ordinal: ordinal ?? 0,
    ip: pod.status?.podIP ?? '',
    mysqlPort: ports.mysql,
    agentPort: ports.sidecarHttp,
    node: pod.spec.nodeName ?? '',
    started: mysql?.state?.running !== undefined,
    serverEnded: hasEnded(mysql?.state, mysql?.lastState),
    terminating: deletionTimestamp !== undefined,
    role: labels[labelKeys.role],
  };
}

/** Its container was running and is not any more; one that has not started yet has not ended. */
function hasEnded(state: ContainerState | undefined, lastState: ContainerState | undefined): boolean {
  if (state?.terminated) return true;
  return state?.waiting !== undefined && lastState?.terminated !== undefined;
}

interface ContainerState {
  readonly waiting?: object;
  readonly terminated?: object;
}
