import { type FailoverSpec, type ResolvedCluster, withDefaults } from '@pilotfish/api';
import { MysqlSession } from '@pilotfish/mysql';
import { createLogger, EventLoopWatch, messageOf, systemClock } from '@pilotfish/service';
import { eventually, Mysqld } from '@pilotfish/testkit';
import { ClusterLoop } from '../cluster-loop.ts';
import type { Hook } from '../hooks/hook.ts';
import type { Credentials, Inventory, PodFacts } from '../inventory.ts';
import { type JournalSink, MemoryJournal } from '../journal/journal.ts';
import { JournalFile } from '../journal/journal-file.ts';
import type { TopologyEventName } from '../record/announcer.ts';
import { FakeAgent } from './fake-agent.ts';
import { MemoryStore } from './memory-store.ts';
import { makeRunningTopology } from './running-topology.ts';
import { TcpGate } from './tcp-gate.ts';

const cluster = 'db';
const addressOf = (index: number): string => `127.0.0.${String(index + 1)}`;
export const key = `test/${cluster}`;

/** With PILOTFISH_JOURNAL=FILE what was decided in the tests is written there: a fixture for the replay. */
function journalSinks(): JournalSink[] {
  const path = process.env.PILOTFISH_JOURNAL;
  return path === undefined ? [] : [new JournalFile({ path, logger })];
}

const logger = createLogger({
  service: 'test',
  level: process.env.PILOTFISH_TEST_LOG === '1' ? 'info' : 'fatal',
  pod: 'test',
});

export interface FleetOptions {
  /** Engine and replicas reach each server through a gate. */
  readonly gated?: boolean;
  /** Servers without data, as new pods have; else a topology that runs. */
  readonly blank?: boolean;
  /** How far each server's clock is ahead, by ordinal, seconds; absent: they are right. */
  readonly clocksAhead?: readonly number[];
}

/** Real servers in the place of pods: each has an address of its own in 127.0.0.0/8, as pods have. */
export class MysqlFleet {
  readonly store = new MemoryStore();
  readonly journal = new MemoryJournal(journalSinks());
  readonly events: { name: TopologyEventName; data: Readonly<Record<string, unknown>> }[] = [];
  readonly agents: FakeAgent[];
  readonly #gates: readonly TcpGate[];
  readonly #servers: Mysqld[];
  readonly #ended = new Set<string>();
  /** Passes of a loop so far. */
  looks = 0;
  replicas: number;
  /** In place of the operator's password, as if somebody had edited the Secret. */
  editedPassword: string | undefined;
  durability: 'required' | 'preferred' = 'preferred';
  /** `spec.replication.failover`. */
  failover: FailoverSpec = {};
  mode: 'semiSync' | 'async' = 'semiSync';
  ackZones: 'any' | 'other' = 'any';
  errantPolicy: 'auto' | 'ask' | 'never' = 'auto';
  hooks: readonly Hook[] = [];
  /** By ordinal. */
  zones: readonly string[] = [];

  private constructor(servers: Mysqld[], agents: FakeAgent[], gates: readonly TcpGate[]) {
    this.#servers = servers;
    this.#gates = gates;
    this.agents = agents;
    this.replicas = servers.length;
  }

  static async start(
    count: number,
    { gated = false, blank = false, clocksAhead = [] }: FleetOptions = {},
  ): Promise<MysqlFleet> {
    const servers = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        Mysqld.start({
          serverId: 100 + index,
          settings: { 'bind-address': '*' },
          clockAheadSeconds: clocksAhead[index] ?? 0,
        }),
      ),
    );
    const gates = gated ? await Promise.all(servers.map(({ port }) => TcpGate.open(port))) : [];
    const port = gates[0]?.port ?? servers[0]?.port ?? 0;
    if (!blank) await makeRunningTopology(servers, { host: addressOf(0), port });
    return new MysqlFleet(servers, await Promise.all(servers.map((server) => FakeAgent.start(server))), gates);
  }

  static podName(index: number): string {
    return `${cluster}-mysql-${String(index)}`;
  }

  server(name: string): Mysqld {
    const server = this.#servers[Number(name.split('-').at(-1))];
    if (!server) throw new Error(`no server ${name}`);
    return server;
  }

  agent(name: string): FakeAgent {
    const agent = this.agents[Number(name.split('-').at(-1))];
    if (!agent) throw new Error(`no agent ${name}`);
    return agent;
  }

  gate(name: string): TcpGate {
    const gate = this.#gates[Number(name.split('-').at(-1))];
    if (!gate) throw new Error(`no gate before ${name}`);
    return gate;
  }

  /** As if its pod had been told to end. */
  terminate(name: string): void {
    this.#ended.add(name);
  }

  /** As if it had been made anew, over the same server. */
  replacePod(name: string): void {
    this.#ended.delete(name);
  }

  get primary(): string {
    return this.store.topology?.primary ?? '';
  }

  /** Runs one engine's loop until the returned function is called. */
  runEngine(): { readonly loop: ClusterLoop; stop(): Promise<void>; notify(): void } {
    const end = new AbortController();
    const eventLoop = new EventLoopWatch({ clock: systemClock });
    const loop = new ClusterLoop({
      key,
      engine: 'engine-0',
      inventory: this.#inventory(),
      store: this.store,
      hooks: () => this.hooks,
      announcer: () => ({
        event: (name, data) => {
          if (name !== 'decision-made') this.events.push({ name, data });
        },
      }),
      journal: this.journal,
      metrics: {
        observe: () => {
          this.looks += 1;
        },
        planRun: () => undefined,
        owned: () => undefined,
        forget: () => undefined,
      },
      clock: systemClock,
      eventLoop,
      logger,
    });
    const running = loop.run(end.signal);
    return {
      loop,
      notify: () => loop.notify(),
      stop: async () => {
        end.abort();
        await running;
        eventLoop.close();
      },
    };
  }

  get names(): readonly string[] {
    return this.#servers.map((_, index) => MysqlFleet.podName(index));
  }

  get credentials(): Credentials {
    const [server] = this.#servers;
    if (!server) throw new Error('a fleet has at least one server');
    const operator = { user: server.root.user, password: this.editedPassword ?? server.root.password };
    return { operator, replication: server.replication, agentToken: 'token' };
  }

  /** The pods of it, as Kubernetes would have them. */
  podFacts(): readonly PodFacts[] {
    return this.#servers.map((server, index) => this.#pod(server, index));
  }

  get replicationPassword(): string {
    return this.#servers[0]?.replication.password ?? '';
  }

  /** The MysqlCluster of it, with what is recorded. */
  cluster(): ResolvedCluster {
    const { topology } = this.store;
    return withDefaults({
      metadata: {
        name: cluster,
        namespace: 'test',
        uid: 'uid',
        resourceVersion: '1',
        generation: 1,
        labels: {},
        annotations: {},
        finalizers: [],
      },
      spec: {
        replicas: this.replicas,
        secretName: 's',
        replication: {
          dataDurability: this.durability,
          failover: this.failover,
          mode: this.mode,
          ackZones: this.ackZones,
          errantPolicy: this.errantPolicy,
        },
      },
      status: topology ? { topology } : {},
    });
  }

  async settled(members: number, k = Math.floor(this.replicas / 2)): Promise<void> {
    await eventually(
      () => {
        const topology = this.store.topology;
        const attached = topology?.instances.filter((instance) => instance.attached && instance.caughtUp).length ?? 0;
        return (
          topology?.operation === undefined &&
          topology?.writable === true &&
          attached === this.replicas &&
          topology.ackSet.members.length === members &&
          topology.ackSet.k === k
        );
      },
      { deadlineMs: 60_000, describe: `all instances to follow, ack set of ${String(members)}` },
    ).catch((error: unknown) => {
      throw new Error(`${messageOf(error)}: ${JSON.stringify(this.store.topology)}`, { cause: error });
    });
  }

  async query(name: string, sql: string, deadlineMs = 5_000): Promise<Record<string, unknown>[]> {
    return await this.queries(name, [sql], deadlineMs);
  }

  /** One after the other on one session. @returns what the last one returned */
  async queries(name: string, statements: readonly string[], deadlineMs = 5_000): Promise<Record<string, unknown>[]> {
    const session = await MysqlSession.connect(this.server(name).root, { deadlineMs });
    try {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = await session.query(statement, [], { deadlineMs });
      return rows;
    } finally {
      session.destroy();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.agents, ...this.#gates].map((one) => one.close()));
    await Promise.all(this.#servers.map((server) => server.close()));
  }

  /** Fake: where service-syncer would lead new connections. */
  #writeEndpoint(): string {
    const { operation, primary = '' } = this.store.topology ?? {};
    return operation?.phase === 'handing-over' ? operation.to : primary;
  }

  #inventory(): Inventory {
    return {
      cluster: () => this.cluster(),
      podFacts: () => this.podFacts(),
      credentials: () => Promise.resolve(this.credentials),
    };
  }

  #pod(server: Mysqld, index: number): PodFacts {
    const name = MysqlFleet.podName(index);
    return {
      name,
      uid: name,
      ordinal: index,
      ip: addressOf(index),
      mysqlPort: this.#gates[index]?.port ?? server.port,
      agentPort: this.agents[index]?.port ?? 0,
      node: `node-${String(index)}`,
      started: true,
      terminating: this.#ended.has(name),
      serverEnded: false,
      zone: this.zones[index],
      region: undefined,
      nodeLost: false,
      role: name === this.#writeEndpoint() ? 'master' : 'replica',
    };
  }
}
