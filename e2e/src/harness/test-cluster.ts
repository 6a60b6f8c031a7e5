import { z } from 'zod';
import type { Environment } from './environment.ts';
import { resources } from './kube-api.ts';
import {
  type ClusterObject,
  clusterShape,
  endpointSliceShape,
  isReady,
  type Pod,
  podShape,
  type Topology,
} from './kube-objects.ts';
import type { SqlAccount } from './sql-access.ts';
import { expectThat, messageOf, waitFor } from './wait-for.ts';

/** Password of root and of the application's user in every cluster that the scenarios make; they hold nothing worth hiding. */
export const TEST_PASSWORD = 'e2e-password';
export const rootAccount: SqlAccount = { user: 'root', password: TEST_PASSWORD };
export const applicationAccount: SqlAccount & { database: string } = {
  user: 'app',
  password: TEST_PASSWORD,
  database: 'app',
};

export interface ClusterSettings {
  readonly replicas: number;
  /** No two instances on one node, come what may: the default is only a preference, and the scheduler errs now and then. */
  readonly oneToANode?: boolean;
  /** Merged over the small defaults. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

const INSTANCE_TIMEOUT_MS = 180_000;

/** One MysqlCluster of a scenario, seen through the API server. */
export class TestCluster {
  readonly namespace: string;
  readonly name: string;
  readonly #env: Environment;

  constructor(env: Environment, namespace: string, name: string) {
    this.#env = env;
    this.namespace = namespace;
    this.name = name;
  }

  /** Makes the namespace, the Secret and the MysqlCluster; does not wait for any of it to work. */
  static async create(
    env: Environment,
    namespace: string,
    name: string,
    settings: ClusterSettings,
  ): Promise<TestCluster> {
    await makeNamespace(env, namespace);
    await env.kube.create(resources.secrets, namespace, applicationSecret(`${name}-secret`));
    const cluster = new TestCluster(env, namespace, name);
    await env.kube.create(resources.clusters, namespace, cluster.manifest(settings));
    return cluster;
  }

  manifest({ replicas, oneToANode = false, spec }: ClusterSettings): object {
    const term = {
      labelSelector: { matchLabels: { 'mysql.presslabs.org/cluster': this.name } },
      topologyKey: 'kubernetes.io/hostname',
    };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    return {
      apiVersion: resources.clusters.apiVersion,
      kind: 'MysqlCluster',
      metadata: { name: this.name },
      spec: {
        replicas,
        secretName: `${this.name}-secret`,
        mysqlConf: { 'innodb-buffer-pool-size': '64M', 'innodb-redo-log-capacity': '64M' },
        podSpec: {
          resources: { requests: { cpu: '200m', memory: '256Mi' } },
          ...(oneToANode ? { affinity } : {}),
        },
        volumeSpec: {
          persistentVolumeClaim: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
        ...spec,
      },
    };
  }

  async object(): Promise<ClusterObject> {
    return clusterShape.parse(await this.#env.kube.get(resources.clusters, this.namespace, this.name));
  }

  async topology(): Promise<Topology> {
    const { status } = await this.object();
    expectThat(status.topology !== undefined, 'status.topology is not there yet');
    return status.topology;
  }

  async condition(type: string): Promise<{ status: string; reason: string; message: string } | undefined> {
    return (await this.object()).status.conditions.find((condition) => condition.type === type);
  }

  async pods(): Promise<Pod[]> {
    const selector = `mysql.presslabs.org/cluster=${this.name}`;
    const pods = (await this.#env.kube.list(resources.pods, this.namespace, selector)).map((pod) =>
      podShape.parse(pod),
    );
    // Whoever may create pods may give them these labels: only the names are the StatefulSet's own.
    const instances = pods.filter(({ metadata }) => /-mysql-\d+$/.test(metadata.name));
    return instances.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  }

  async pod(name: string): Promise<Pod> {
    return podShape.parse(await this.#env.kube.get(resources.pods, this.namespace, name));
  }

  podName(ordinal: number): string {
    return `${this.name}-mysql-${ordinal}`;
  }

  /** The pod of the primary of the present epoch. */
  async primary(): Promise<Pod> {
    return await this.pod((await this.topology()).primary);
  }

  /** Names of the ready pods behind one of the cluster's Services (`master`, `replicas`, or '' for all healthy ones). */
  async endpoints(service: 'master' | 'replicas' | ''): Promise<string[]> {
    const serviceName = service === '' ? `${this.name}-mysql` : `${this.name}-mysql-${service}`;
    const slices = await this.#env.kube.list(
      resources.endpointSlices,
      this.namespace,
      `kubernetes.io/service-name=${serviceName}`,
    );
    const endpoints = slices.flatMap((slice) => endpointSliceShape.parse(slice).endpoints ?? []);
    return endpoints
      .filter(({ conditions }) => conditions.ready)
      .map(({ targetRef }) => targetRef?.name ?? '?')
      .sort();
  }

  /** The address of one of the cluster's Services. */
  async serviceAddress(service: 'master' | 'replicas'): Promise<string> {
    const object = await this.#env.kube.get(resources.services, this.namespace, `${this.name}-mysql-${service}`);
    return z.object({ spec: z.object({ clusterIP: z.string() }) }).parse(object).spec.clusterIP;
  }

  async update(spec: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#env.kube.merge(resources.clusters, this.namespace, this.name, { spec });
  }

  /**
   * Waits until nothing is missing: all pods Ready, one primary that takes writes, every other instance attached and caught up, labels and
   * Services in line with it, no operation running. Returns the topology.
   */
  async waitFullyRedundant(timeoutMs?: number): Promise<Topology> {
    let missing = 'nothing seen yet';
    const { spec } = await this.object();
    try {
      return await waitFor(
        `full redundancy of ${this.namespace}/${this.name}`,
        async () => {
          const state = await this.#missing();
          if (typeof state !== 'string') return state;
          missing = state;
          return undefined;
        },
        { timeoutMs: timeoutMs ?? INSTANCE_TIMEOUT_MS + 60_000 * spec.replicas, intervalMs: 250 },
      );
    } catch (error) {
      throw new Error(`${messageOf(error)}; missing: ${missing}`);
    }
  }

  /** What is missing to full redundancy, in words; the topology when nothing is. */
  async #missing(): Promise<string | Topology> {
    const { spec, status } = await this.object();
    const { topology } = status;
    if (topology === undefined) return 'status.topology';
    const pods = await this.pods();
    const notReady = pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name);
    if (pods.length !== spec.replicas || notReady.length > 0)
      return `${pods.length} pods of ${spec.replicas}, not ready: ${notReady.join(', ') || 'none'}`;
    if (topology.operation !== undefined)
      return `the end of the ${topology.operation.kind} (${topology.operation.phase})`;
    if (!topology.writable) return `a writable primary (${topology.hold?.message ?? 'no hold'})`;
    const replicas = topology.instances.filter(({ name }) => name !== topology.primary);
    const behind = replicas.filter(({ attached, caughtUp }) => !attached || !caughtUp);
    if (replicas.length !== spec.replicas - 1 || behind.length > 0) {
      return `${spec.replicas - 1} attached replicas (${replicas.map(({ name, state, message }) => `${name} ${state} ${message ?? ''}`).join('; ')})`;
    }
    const roles = pods.map(
      ({ metadata }) => `${metadata.name}=${metadata.labels.role ?? '?'}/${metadata.labels.healthy ?? '?'}`,
    );
    const wanted = pods.map(
      ({ metadata }) => `${metadata.name}=${metadata.name === topology.primary ? 'master' : 'replica'}/yes`,
    );
    if (roles.join() !== wanted.join()) return `labels: ${roles.join(', ')}`;
    const endpoints = await this.endpoints('master');
    if (endpoints.join() !== topology.primary)
      return `the master Service leads to ${endpoints.join(', ') || 'nothing'} and not to ${topology.primary}`;
    return topology;
  }
}

export function applicationSecret(name: string): object {
  const { user, password, database } = applicationAccount;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData: { ROOT_PASSWORD: TEST_PASSWORD, USER: user, PASSWORD: password, DATABASE: database },
  };
}

/** Makes the namespace; one of an earlier run that is still there goes first. */
export async function makeNamespace(env: Environment, namespace: string): Promise<void> {
  await removeNamespace(env, namespace);
  const labels = { 'pilotfish.dev/e2e': 'true' };
  await env.kube.create(resources.namespaces, '', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels },
  });
}

/** Removes a namespace with all that is in it, and waits for the end of that. */
export async function removeNamespace(env: Environment, namespace: string): Promise<void> {
  await env.kube.remove(resources.namespaces, '', namespace);
  await waitFor(
    `the end of namespace ${namespace}`,
    async () => (await env.kube.get(resources.namespaces, '', namespace)) === undefined,
    { timeoutMs: 180_000, intervalMs: 500 },
  );
}
