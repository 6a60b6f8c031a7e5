import { type ResolvedCluster, type TopologyStatus, withDefaults } from '@pilotfish/api';
import { GtidSet } from '@pilotfish/gtid';
import { createLogger, systemClock } from '@pilotfish/service';
import {
  type AgentView,
  changeOrders,
  type Decision,
  decide,
  type InstanceEvidence,
  type InstanceView,
  type OrdersChange,
  type Plan,
  type Snapshot,
} from '@pilotfish/topology';
import { OrderDesk } from '../act/order-desk.ts';
import type { PlanMember } from '../act/plan-member.ts';
import type { PlanContext } from '../act/plan-run.ts';
import { RunLog, type RunRecorder } from '../act/run-log.ts';
import type { ClusterControl } from '../http/engine.ts';
import { type JournalEntry, journaled } from '../journal/journal-entry.ts';
import { resolvePolicy } from '../policy/resolve-policy.ts';
import { recordedFacts, TopologyRecord } from '../record/topology-record.ts';
import { MemoryStore } from './memory-store.ts';

const names = ['db-mysql-0', 'db-mysql-1', 'db-mysql-2'] as const;
const uuids = names.map((_, index) => `${String(index).repeat(8)}-1111-1111-1111-111111111111`);
const executed = GtidSet.parse(`${uuids[0] ?? ''}:1-10`);
const agent: AgentView = {
  running: true,
  blank: false,
  provisioning: 'ready',
  detail: '',
  diskFull: false,
  fileSystemReadOnly: false,
  ioStalledMs: 0,
  hungMs: 0,
  isolated: false,
};
const decision: Decision = { state: 'PrimaryHealthy' };

/**
 * Fake of a loop: three instances that always answer, without servers. Orders go through the real desk and the real run log; a
 * plan comes to its end when `finish` is called, and changes the record alone.
 */
export class PaperCluster implements ClusterControl {
  static readonly secret = 'the-password-of-replication';
  static readonly journalBegins = '2026-01-01T00:00:00.000Z';
  readonly events: { name: string; data: Readonly<Record<string, unknown>> }[] = [];
  readonly runs = new RunLog(systemClock);
  readonly orders: OrderDesk;
  readonly #lookers = new Set<() => void>();
  readonly #context: PlanContext;
  #running: { readonly plan: Plan; readonly recorder: RunRecorder } | undefined;

  private constructor(record: TopologyRecord) {
    const logger = createLogger({ service: 'test', level: 'fatal' });
    const wake = (): void => void setImmediate(() => this.#begin());
    this.orders = new OrderDesk({ clock: systemClock, logger, runs: this.runs, wake });
    const password = { user: 'repl', password: PaperCluster.secret };
    const members = names.map((name) => this.#member(name));
    this.#context = {
      engine: 'engine-0',
      record,
      announce: { event: (name, data) => void this.events.push({ name, data }) },
      credentials: { operator: password, replication: password, agentToken: PaperCluster.secret },
      clock: systemClock,
      logger,
      snapshot: () => this.#snapshot(),
      member: (name) => members.find((member) => member.name === name),
      members: () => members,
      role: () => undefined,
    };
    this.orders.show({ decision, context: this.#context });
  }

  static async start(): Promise<PaperCluster> {
    const store = new MemoryStore();
    const facts = { serving: true, attached: true, lagged: false, caughtUp: true };
    store.topology = {
      primary: names[0],
      epoch: 1,
      initialized: true,
      ackSet: { members: [names[1], names[2]], k: 1 },
      writable: true,
      instances: names.map((name, index) => ({
        ...facts,
        name,
        readOnly: index > 0,
        state: index > 0 ? ('Replicating' as const) : ('Primary' as const),
      })),
    };
    return new PaperCluster(await TopologyRecord.open(store, ''));
  }

  get topology(): TopologyStatus {
    return this.#context.record.current;
  }

  get cluster(): ResolvedCluster {
    const metadata = { name: 'db', namespace: 'test', uid: 'u', resourceVersion: '1', generation: 1 };
    return withDefaults({
      metadata: { ...metadata, labels: {}, annotations: {}, finalizers: [] },
      spec: { replicas: 3, secretName: 's' },
      status: { topology: this.topology },
    });
  }

  look() {
    return { snapshot: this.#snapshot(), decision, topology: this.topology };
  }

  onLook(looker: () => void): () => void {
    this.#lookers.add(looker);
    return () => void this.#lookers.delete(looker);
  }

  /** Three decisions, a second apart, on what it looks like now. */
  journal(): JournalEntry[] {
    const snapshot = this.#snapshot();
    return [0, 1, 2].map((second) => ({
      at: new Date(Date.parse(PaperCluster.journalBegins) + second * 1_000).toISOString(),
      key: 'test/db',
      engine: 'engine-0',
      epoch: this.topology.epoch,
      snapshot,
      decision: journaled(decide(snapshot)),
    }));
  }

  /** As if these orders had been given before. */
  async order(change: OrdersChange): Promise<void> {
    await this.#context.record.update(({ orders }) => ({
      orders: changeOrders(orders, change) as NonNullable<TopologyStatus['orders']>,
    }));
    for (const looker of this.#lookers) looker();
  }

  /** Brings the plan that runs to its end. */
  async finish(): Promise<void> {
    const { plan, recorder } = this.#running ?? {};
    if (!plan || !recorder) throw new Error('nothing runs');
    for (const step of plan.steps) recorder.stepEnds(step, undefined);
    const { epoch } = this.topology;
    if (plan.kind === 'switchover') await this.#context.record.update({ primary: plan.to, epoch: epoch + 1 });
    this.#running = undefined;
    recorder.ends(plan.to, undefined);
    for (const looker of this.#lookers) looker();
  }

  #begin(): void {
    const begun = this.orders.begin();
    if (!begun) return;
    this.#running = begun;
    for (const step of begun.plan.steps) begun.recorder.stepBegins(step);
  }

  #snapshot(): Snapshot {
    const { spec } = this.cluster;
    return {
      wantedReplicas: 3,
      durability: 'preferred',
      readOnly: false,
      maxLagSeconds: 30,
      policy: resolvePolicy({
        key: 'test/db',
        instances: names,
        spec: spec.replication,
        operator: {},
        topology: this.topology,
        now: systemClock.wall(),
      }),
      isolationTimeoutMs: 10_000,
      acks: { shortMs: 0, stalledMs: 0 },
      recorded: recordedFacts(this.topology),
      instances: names.map((name, index) => evidence(name, index, this.topology.primary)),
    };
  }

  /** A rehearsal asks a member for nothing but this. */
  #member(name: string): PlanMember {
    const contact = () => this.#snapshot().instances.find((instance) => instance.name === name)?.contact;
    return {
      name,
      host: hostOf(name),
      port: 3306,
      address: hostOf(name),
      agent: {},
      watch: { contact },
    } as unknown as PlanMember;
  }
}

const hostOf = (name: string): string => `10.0.0.${name.slice(-1)}`;

function evidence(name: string, ordinal: number, primary: string): InstanceEvidence {
  return {
    name,
    ordinal,
    host: hostOf(name),
    podExists: true,
    leaving: false,
    ending: false,
    contact: { kind: 'observed', view: view(ordinal, name === primary, primary), ageMs: 10 },
    agent,
    serverEnded: false,
    nodeLost: false,
    detachedMs: 0,
    openMs: name === primary ? 60_000 : 0,
  };
}

function view(ordinal: number, leads: boolean, primary: string): InstanceView {
  return {
    serverUuid: uuids[ordinal] ?? '',
    readOnly: !leads,
    executed,
    purged: GtidSet.empty,
    semiSyncSource: leads,
    semiSyncWaitFor: 1,
    semiSyncReplica: !leads,
    semiSyncClients: leads ? 2 : 0,
    semiSyncWaitSessions: 0,
    heartbeatAgeMs: 100,
    clockOffsetMs: 0,
    uptimeMs: 3_600_000,
    replication: leads
      ? null
      : {
          sourceHost: hostOf(primary),
          sourceUuid: uuids[0] ?? '',
          receiver: 'ON',
          lastHeardMs: 100,
          received: executed,
          receiving: false,
          receiverErrno: 0,
          receiverError: '',
          applier: 'ON',
          applierErrno: 0,
          applierError: '',
          delaySeconds: 0,
        },
  };
}
