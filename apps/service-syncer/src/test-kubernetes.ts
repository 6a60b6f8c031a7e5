import { labelKeys } from '@pilotfish/api';
import { mysqlClusterCrd } from '@pilotfish/api/crd';
import { type Bus, connectBus } from '@pilotfish/bus';
import type { DomainEvent } from '@pilotfish/events';
import {
  connectKube,
  type KubeClient,
  type KubeObject,
  LeaderElection,
  leases,
  namespaces,
  noKubeMetrics,
  pods,
} from '@pilotfish/kube';
import { createLogger, Metrics, systemClock } from '@pilotfish/service';
import { eventually, type KubeApi, type NatsServer, startKubeApi, startNats } from '@pilotfish/testkit';
import { mysqlClusters, type RawCluster, type Topology } from './cluster-view.ts';
import { syncerMetrics } from './metrics.ts';
import { createServiceSyncer } from './service-syncer.ts';
import { rawPod } from './test-clusters.ts';

const deadlineMs = 10_000;
const orders = { namespace: 'shop', name: 'orders' };
const lease = { namespace: 'shop', name: 'syncer' };

export interface StartedSyncer {
  readonly metrics: Metrics;
  stop(): Promise<void>;
}

/** A real API server with the CRD and namespace shop, a real NATS, and what the engine would do there. */
export class TestKubernetes {
  readonly client: KubeClient;
  readonly #api: KubeApi;
  readonly #nats: NatsServer;
  readonly #closers: (() => Promise<unknown>)[] = [];

  private constructor(api: KubeApi, nats: NatsServer) {
    this.#api = api;
    this.#nats = nats;
    this.client = connectKube({ userAgent: 'test', kubeconfig: api.kubeconfig });
  }

  static async start(): Promise<TestKubernetes> {
    const kubernetes = new TestKubernetes(
      ...(await Promise.all([startKubeApi({ crds: [mysqlClusterCrd()] }), startNats()])),
    );
    await kubernetes.client.create(namespaces, { metadata: { name: 'shop' } });
    return kubernetes;
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.#nats.close();
    await this.#api.close();
  }

  /** Stops what a test has started. */
  async afterEach(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }

  /** Cluster shop/orders anew, with three pods that nobody has labelled. */
  async createCluster(): Promise<void> {
    const { client } = this;
    for (const pod of (await client.list(pods, { namespace: 'shop' })).items) {
      await client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 });
    }
    await client.delete(mysqlClusters, orders);
    await client.create(mysqlClusters, { metadata: orders, spec: { replicas: 3, secretName: 'orders-secret' } });
    for (const ordinal of [0, 1, 2]) await this.createPod(ordinal);
  }

  async createPod(ordinal: number): Promise<void> {
    const { name, labels = {} } = rawPod(ordinal).metadata;
    const spec = { containers: [{ name: 'mysql', image: 'mysql' }] };
    await this.client.create(pods, { metadata: { name, namespace: 'shop', labels }, spec });
  }

  async cluster(): Promise<RawCluster> {
    return await this.client.get(mysqlClusters, orders);
  }

  /** As the engine does: its part of the status, under its own field manager. */
  async setTopology(topology: Topology): Promise<void> {
    const whole = { ...topology, initialized: true, ackSet: { members: [], k: 0 } };
    await this.client.apply(
      mysqlClusters,
      { metadata: orders, status: { topology: whole } },
      { subresource: 'status', fieldManager: 'pilotfish-topology-engine', force: true },
    );
  }

  /** Waits for labels such as `master/yes replica/yes`, in order of ordinals. */
  async labelsToBe(expected: string): Promise<void> {
    const labels = async () => {
      const { items } = await this.client.list(pods, { namespace: 'shop' });
      const label = (pod: KubeObject, key: string) => pod.metadata.labels?.[key] ?? '';
      return items.map((pod) => `${label(pod, labelKeys.role)}/${label(pod, labelKeys.healthy)}`).join(' ');
    };
    await eventually(async () => (await labels()) === expected, { deadlineMs, describe: `labels to be ${expected}` });
  }

  /** Waits until the syncer's part of the status holds this text somewhere. */
  async statusToHold(text: string): Promise<void> {
    const holds = async () => JSON.stringify(await this.cluster()).includes(text);
    await eventually(holds, { deadlineMs, describe: `the status to hold ${text}` });
  }

  /** The lease of a leader that does nothing any more, good for as long as a test lasts. */
  async holdLease(holderIdentity: string): Promise<void> {
    const spec = { holderIdentity, leaseDurationSeconds: 600 };
    await this.client.apply(leases, { metadata: lease, spec }, { fieldManager: holderIdentity, force: true });
    this.#closers.push(() => this.client.delete(leases, lease));
  }

  /** A whole syncer, put together as main.ts does. */
  async startSyncer(pod = 'syncer-0'): Promise<StartedSyncer> {
    const logger = createLogger({ service: 'service-syncer', level: 'silent' });
    const metrics = new Metrics({ defaults: false });
    const client = connectKube({ userAgent: 'service-syncer', kubeconfig: this.#api.kubeconfig });
    const bus = this.#bus(`service-syncer/${pod}`);
    const election = new LeaderElection({ client, ...lease, identity: pod, logger });
    const syncer = createServiceSyncer({
      client,
      bus,
      namespace: '',
      source: { service: 'service-syncer', pod },
      isLeading: () => election.isLeading(),
      metrics: syncerMetrics(metrics),
      kubeMetrics: noKubeMetrics,
      logger,
      clock: systemClock,
    });
    const stopping = new AbortController();
    const leading = election.run(stopping.signal, (signal) => syncer.lead(signal));
    const running = Promise.all([syncer.follow(stopping.signal), leading]);
    const stop = async (): Promise<void> => {
      stopping.abort();
      await running;
      await bus.close();
      await client.close();
    };
    this.#closers.push(stop);
    const isReady = () => syncer.readiness() === undefined && bus.status.connected;
    await eventually(isReady, { deadlineMs, describe: 'the syncer to be ready' });
    return { metrics, stop };
  }

  /** The engine's side of the bus, and all that is told of clusters in shop. */
  async engineBus(): Promise<{ bus: Bus; heard: DomainEvent[] }> {
    const bus = this.#bus('topology-engine/engine-0');
    this.#closers.push(() => bus.close());
    const heard: DomainEvent[] = [];
    bus.ensureStream({ maxBytes: 10_000_000 });
    bus.subscribe('mysql.v1.evt.shop.>', (event) => void heard.push(event));
    await eventually(() => bus.status.connected, { deadlineMs, describe: 'NATS to be connected' });
    return { bus, heard };
  }

  #bus(name: string): Bus {
    const nothing = () => undefined;
    const metrics = { connected: nothing, published: nothing, received: nothing, outbox: nothing };
    return connectBus({ servers: this.#nats.url, name, metrics, logger: { info: nothing, warn: nothing } });
  }
}
