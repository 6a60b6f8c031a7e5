import { withDefaults } from '@pilotfish/api';
import { createLogger, EventLoopWatch, systemClock } from '@pilotfish/service';
import { TestApiServer } from '../../../apps/node-agent/src/test-api-server.ts';
import { TestPod } from '../../../apps/node-agent/src/test-pod.ts';
import { ClusterLoop } from '../../../apps/topology-engine/src/cluster-loop.ts';
import type { Inventory, PodFacts } from '../../../apps/topology-engine/src/inventory.ts';
import { MemoryJournal } from '../../../apps/topology-engine/src/journal/journal.ts';
import { MemoryStore } from '../../../apps/topology-engine/src/testing/memory-store.ts';

/** An event of the engine, and when it was told, by performance.now(). */
export interface ToldEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/**
 * A cluster without Kubernetes: for each instance the real agent and a real mysqld under the real script, and the real engine's loop
 * over them, with its record in memory. Instances have addresses of their own in 127.0.0.0/8, as pods have.
 */
export class PodFleet {
  readonly pods: readonly TestPod[];
  readonly store = new MemoryStore();
  readonly events: ToldEvent[] = [];
  #engine: { stop(): Promise<void> } | undefined;

  /** What agents ask to know that they are not cut off. */
  readonly #apiServer: TestApiServer;

  private constructor(pods: readonly TestPod[], apiServer: TestApiServer) {
    this.pods = pods;
    this.#apiServer = apiServer;
  }

  /** `settings`: lines for each my.cnf. */
  static async start(count: number, settings: readonly string[] = []): Promise<PodFleet> {
    const apiServer = await TestApiServer.create();
    const pods = Array.from({ length: count }, (_, ordinal) =>
      TestPod.start({
        ordinal,
        env: { ...apiServer.env, MY_POD_UID: uidOf(ordinal) },
        settings: ['bind-address=*', ...settings],
      }),
    );
    const fleet = new PodFleet(await Promise.all(pods), apiServer);
    await Promise.all(fleet.pods.map((pod) => pod.untilBlank()));
    await apiServer.listen(fleet.pods[0]?.paths.data ?? '');
    return fleet;
  }

  get primary(): TestPod {
    return this.pod(this.store.topology?.primary ?? '');
  }

  pod(name: string): TestPod {
    const pod = this.pods.find((one) => one.name === name);
    if (!pod) throw new Error(`no pod ${name}`);
    return pod;
  }

  /** Whether the record says that all instances follow an open primary and nothing is under way. */
  isRedundant(): boolean {
    const topology = this.store.topology;
    if (topology?.writable !== true || topology.operation !== undefined) return false;
    const attached = topology.instances.filter((instance) => instance.attached && instance.caughtUp);
    return attached.length === this.pods.length && topology.ackSet.k === Math.floor(this.pods.length / 2);
  }

  runEngine(): void {
    const end = new AbortController();
    const eventLoop = new EventLoopWatch({ clock: systemClock });
    const loop = new ClusterLoop({
      key: 'ns/c',
      engine: 'engine-0',
      inventory: this.#inventory(),
      store: this.store,
      journal: new MemoryJournal(),
      announcer: () => ({ event: (name, data) => void this.events.push({ name, data, at: performance.now() }) }),
      metrics: { observe: () => undefined, planRun: () => undefined, owned: () => undefined, forget: () => undefined },
      clock: systemClock,
      eventLoop,
      logger: createLogger({ service: 'bench', level: process.env.PILOTFISH_BENCH_LOG === '1' ? 'info' : 'fatal' }),
    });
    const running = loop.run(end.signal);
    this.#engine = {
      stop: async () => {
        end.abort();
        await running;
        eventLoop.close();
      },
    };
  }

  async close(): Promise<void> {
    await this.#engine?.stop();
    await Promise.all([...this.pods.map((pod) => pod.close()), this.#apiServer.close()]);
  }

  #inventory(): Inventory {
    const { user, password } = this.pods[0]?.operator ?? { user: '', password: '' };
    return {
      cluster: () =>
        withDefaults({
          metadata: {
            name: 'c',
            namespace: 'ns',
            uid: 'uid',
            resourceVersion: '1',
            generation: 1,
            labels: {},
            annotations: {},
            finalizers: [],
          },
          spec: { replicas: this.pods.length, secretName: 's' },
          status: {},
        }),
      podFacts: () => this.pods.map((pod, ordinal) => factsOf(pod, ordinal)),
      credentials: () =>
        Promise.resolve({
          operator: { user, password },
          replication: { user: 'sys_replication', password: 'replication-password' },
          agentToken: 'token',
        }),
    };
  }
}

/** Agents tell it, and the engine takes a server with a new server_uuid only from a pod that it knows. */
const uidOf = (ordinal: number): string => `uid-${String(ordinal)}`;

function factsOf(pod: TestPod, ordinal: number): PodFacts {
  return {
    name: pod.name,
    uid: uidOf(ordinal),
    ordinal,
    ip: `127.0.0.${String(ordinal + 1)}`,
    mysqlPort: pod.port,
    agentPort: pod.agentPort,
    node: `node-${String(ordinal)}`,
    started: true,
    terminating: false,
    role: undefined,
    serverEnded: false,
    nodeLost: false,
    zone: undefined,
    region: undefined,
  };
}
