import { type KubeApi, resources } from './kube-api.ts';
import { isReady, leaseShape, type Pod, podShape, type Workload, workloadShape } from './kube-objects.ts';
import { expectThat, waitFor } from './wait-for.ts';

export const serviceNames = ['cluster-controller', 'topology-engine', 'service-syncer'] as const;
export type ServiceName = (typeof serviceNames)[number];

const COMPONENT = 'app.kubernetes.io/component';
const READY_TIMEOUT_MS = 90_000;

/** The operator's own deployments and its NATS, wherever the release is. */
export class OperatorServices {
  readonly namespace: string;
  readonly #kube: KubeApi;

  private constructor(kube: KubeApi, namespace: string) {
    this.#kube = kube;
    this.namespace = namespace;
  }

  static async find(kube: KubeApi): Promise<OperatorServices> {
    const { items } = JSON.parse(
      (await kube.request('GET', `/apis/apps/v1/deployments?labelSelector=${COMPONENT}%3Dtopology-engine`)).body,
    ) as { items: unknown[] };
    const first = items.map((item) => workloadShape.parse(item))[0];
    expectThat(first !== undefined, 'no deployment of a topology-engine: is the chart installed?');
    return new OperatorServices(kube, first.metadata.namespace);
  }

  async deployment(service: ServiceName): Promise<Workload> {
    const found = (await this.#kube.list(resources.deployments, this.namespace, `${COMPONENT}=${service}`)).map((one) =>
      workloadShape.parse(one),
    );
    expectThat(found[0] !== undefined, `no deployment of ${service} in ${this.namespace}`);
    return found[0];
  }

  /** Of the service's first container. */
  async image(service: ServiceName): Promise<string> {
    const { spec } = await this.deployment(service);
    expectThat(spec.template !== undefined, `the deployment of ${service} has no template`);
    return spec.template.spec.containers[0].image;
  }

  async pods(service: ServiceName): Promise<Pod[]> {
    const { spec } = await this.deployment(service);
    return await this.#podsOf(spec.selector.matchLabels);
  }

  /** Scales a service and waits until that many of its pods are Ready and the others gone. */
  async scale(service: ServiceName, replicas: number): Promise<void> {
    const { metadata } = await this.deployment(service);
    await this.#kube.merge(resources.deployments, this.namespace, metadata.name, { spec: { replicas } }, 'scale');
    await waitFor(
      `${service} has ${replicas} ready replicas`,
      async () => {
        const pods = await this.pods(service);
        return pods.length === replicas && pods.every(isReady);
      },
      { timeoutMs: READY_TIMEOUT_MS },
    );
  }

  /** Scales NATS; without one in the release, nothing happens. Returns the number of replicas before. */
  async scaleNats(replicas: number): Promise<number> {
    const nats = await this.#nats();
    if (nats === undefined) return 0;
    await this.#kube.merge(resources.statefulSets, this.namespace, nats.metadata.name, { spec: { replicas } }, 'scale');
    await waitFor(
      `NATS has ${replicas} ready replicas`,
      async () => {
        const pods = await this.#podsOf(nats.spec.selector.matchLabels);
        return pods.length === replicas && pods.every(isReady);
      },
      { timeoutMs: READY_TIMEOUT_MS },
    );
    return nats.spec.replicas;
  }

  /** Address of a NATS server's pod. */
  async natsAddress(): Promise<string> {
    const nats = await this.#nats();
    expectThat(nats !== undefined, 'the release has no NATS');
    const pod = (await this.#podsOf(nats.spec.selector.matchLabels)).find(isReady);
    expectThat(pod?.status.podIP !== undefined, 'no NATS pod is Ready');
    return pod.status.podIP;
  }

  /** Who holds the service's leader lease, undefined when the lease or its holder is not there. */
  async leader(service: ServiceName): Promise<string | undefined> {
    const lease = await this.#kube.get(resources.leases, this.namespace, `pilotfish-${service}`);
    return lease === undefined ? undefined : (leaseShape.parse(lease).spec.holderIdentity ?? undefined);
  }

  async #nats(): Promise<Workload | undefined> {
    const found = await this.#kube.list(resources.statefulSets, this.namespace, `${COMPONENT}=nats`);
    return found.map((one) => workloadShape.parse(one))[0];
  }

  async #podsOf(labels: Readonly<Record<string, string>>): Promise<Pod[]> {
    const selector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    return (await this.#kube.list(resources.pods, this.namespace, selector)).map((pod) => podShape.parse(pod));
  }
}
