import type { Condition, TopologyStatus } from '@pilotfish/api';
import {
  defineResource,
  type KubeClient,
  KubeError,
  type KubeObject,
  namespaces,
  persistentVolumeClaims,
  pods,
  secrets,
  statefulSets,
} from '@pilotfish/kube';
import { eventually } from '@pilotfish/testkit';
import { mysqlClusters } from '../reconcile/resources.ts';
import { manifest, topology } from './fixtures.ts';

const crds = defineResource<KubeObject>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
});

export async function installCrd(client: KubeClient, crd: unknown): Promise<void> {
  await client.create(crds, crd as KubeObject);
  await eventually(
    async () => {
      await client.list(mysqlClusters);
      return true;
    },
    { deadlineMs: 20_000, describe: 'the CRD to be served' },
  );
}

/**
 * A namespace with a cluster in it, and the parts of Kubernetes and of Pilotfish that do not run here: whoever makes pods of a
 * StatefulSet, and whoever writes the topology.
 */
export class ClusterLab {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name = 'my-cluster-1';

  constructor(client: KubeClient, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  async create(spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): Promise<void> {
    await this.client.create(namespaces, { metadata: { name: this.namespace } });
    await this.client.create(mysqlClusters, {
      metadata: { name: this.name, namespace: this.namespace, ...metadata },
      spec: { ...manifest.spec, ...spec },
    });
  }

  async createSecret(data: Record<string, string>): Promise<void> {
    const metadata = { name: 'my-secret', namespace: this.namespace };
    await this.client.create(secrets, { metadata, stringData: data });
  }

  async patchSpec(spec: Record<string, unknown>): Promise<void> {
    await this.client.patchMerge(mysqlClusters, this.ref(), { spec });
  }

  ref(suffix = ''): { namespace: string; name: string } {
    return { namespace: this.namespace, name: `${this.name}${suffix}` };
  }

  async condition(type: string): Promise<Condition | undefined> {
    const { status } = await this.client.get(mysqlClusters, this.ref());
    return (status as { conditions?: Condition[] } | undefined)?.conditions?.find((one) => one.type === type);
  }

  async untilCondition(type: string, reason: string, deadlineMs = 10_000): Promise<Condition> {
    let last: Condition | undefined;
    const isSo = async (): Promise<Condition | undefined> => {
      last = await this.condition(type);
      if (last?.reason !== reason) throw new Error(`it is ${JSON.stringify(last)}`);
      return last;
    };
    return await eventually(isSo, { deadlineMs, describe: `condition ${type} to be ${reason}`, intervalMs: 50 });
  }

  /** As topology-engine would. */
  async setTopology(state: TopologyStatus): Promise<void> {
    const options = { subresource: 'status', fieldManager: 'test' } as const;
    await this.client.patchMerge(mysqlClusters, this.ref(), { status: { topology: state } }, options);
  }

  /** As the StatefulSet controller would: it has seen the newest template, whose revision is this. */
  async observeTemplate(updateRevision: string): Promise<void> {
    const { metadata, spec } = await this.client.get(statefulSets, this.ref('-mysql'));
    const status = { observedGeneration: metadata.generation, updateRevision, replicas: spec.replicas ?? 0 };
    await this.client.patchMerge(statefulSets, this.ref('-mysql'), { status }, { subresource: 'status' });
  }

  /** As the StatefulSet controller and a kubelet would: a pod, Ready since long ago. */
  async runPod(ordinal: number, revision: string): Promise<void> {
    const { spec } = await this.client.get(statefulSets, this.ref('-mysql'));
    const labels = { ...spec.selector.matchLabels, 'controller-revision-hash': revision };
    const ref = this.ref(`-mysql-${String(ordinal)}`);
    const containers = [{ name: 'mysql', image: 'r/mysql:9.7.0' }];
    await this.client.create(pods, { metadata: { ...ref, labels }, spec: { containers } });
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' }];
    await this.client.patchMerge(pods, ref, { status: { conditions } }, { subresource: 'status' });
  }

  async createClaim(ordinal: number): Promise<void> {
    const { spec } = await this.client.get(statefulSets, this.ref('-mysql'));
    const ref = { namespace: this.namespace, name: `data-${this.name}-mysql-${String(ordinal)}` };
    const labels = spec.selector.matchLabels ?? {};
    await this.client.create(persistentVolumeClaims, {
      metadata: { ...ref, labels },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    // The controller that protects claims in use does not run here.
    await this.client.patchMerge(persistentVolumeClaims, ref, { metadata: { finalizers: null } });
  }

  /** A cluster in which everything runs. */
  async runAll(replicas: number, primary = 0): Promise<void> {
    await eventually(() => this.exists(statefulSets, '-mysql'), { deadlineMs: 10_000, describe: 'the StatefulSet' });
    await this.observeTemplate('r1');
    for (let ordinal = 0; ordinal < replicas; ordinal += 1) await this.runPod(ordinal, 'r1');
    await this.setTopology(topology(primary, replicas));
  }

  async exists(resource: Parameters<KubeClient['find']>[0], suffix: string): Promise<boolean> {
    try {
      return (await this.client.find(resource, this.ref(suffix))) !== undefined;
    } catch (error) {
      if (error instanceof KubeError && error.isUnreachable) return false;
      throw error;
    }
  }

  async podNames(): Promise<string[]> {
    const { items } = await this.client.list(pods, { namespace: this.namespace });
    return items.map((pod) => pod.metadata.name).sort();
  }
}
