import type { OrchestratorSettings, ResolvedCluster, TopologyStatus } from '@pilotfish/api';
import type { Clock, EventLoopWatch } from '@pilotfish/service';
import {
  closenessOf,
  type Decision,
  decide,
  isUnderCare,
  type Policy,
  planStarts,
  type Snapshot,
} from '@pilotfish/topology';
import { careFor } from './act/care-for.ts';
import { OrderDesk } from './act/order-desk.ts';
import type { PlanContext } from './act/plan-run.ts';
import { PlanRunner } from './act/plan-runner.ts';
import { RunLog } from './act/run-log.ts';
import { startWaiting } from './act/start-waiting.ts';
import { TaskBoard } from './act/task-board.ts';
import type { Hook } from './hooks/hook.ts';
import { HookGate } from './hooks/hook-gate.ts';
import type { Credentials, Inventory, TopologyStore } from './inventory.ts';
import { DecisionLog } from './journal/decision-log.ts';
import type { Journal } from './journal/journal.ts';
import type { JournalEntry } from './journal/journal-entry.ts';
import type { EngineMetrics } from './metrics.ts';
import { AckStallWatch } from './observe/ack-stall-watch.ts';
import { awaitCredentials, CredentialsWatch } from './observe/credentials-watch.ts';
import { MemberRoster } from './observe/member-roster.ts';
import { Suspicion } from './observe/suspicion.ts';
import { tryCredentials } from './observe/try-credentials.ts';
import { resolvePolicy } from './policy/resolve-policy.ts';
import type { Announcer } from './record/announcer.ts';
import { ProvisioningNews } from './record/provisioning-news.ts';
import { StatusPublisher } from './record/status-publisher.ts';
import { recordedFacts, TopologyRecord } from './record/topology-record.ts';
import { type Claimant, letClusterGo, takeCluster } from './take-cluster.ts';
import { LapsedError, OutrunError } from './tenure.ts';
import { Wake } from './wake.ts';

export interface ClusterLoopOptions extends Claimant {
  readonly key: string;
  readonly inventory: Inventory;
  readonly store: TopologyStore;
  /** The operator's own settings, beneath every cluster's spec; absent: there are none. */
  readonly operatorSettings?: () => OrchestratorSettings;
  /** Programs that are told of failovers; absent: there are none. */
  readonly hooks?: () => readonly Hook[];
  readonly announcer: (epoch: () => number) => Announcer;
  readonly metrics: EngineMetrics;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly eventLoop: EventLoopWatch;
}

/** The backstop: the loop looks this often even when nothing wakes it, milliseconds. */
const tickMs = 500;
const taskGraceMs = 300;

/**
 * One cluster's loop: observe → analyse → decide → act → record. One engine runs it at a time: it begins by writing itself
 * into the record, when the engine that stands there has let go or may not act any more, and ends when another stands there.
 */
export class ClusterLoop {
  readonly key: string;
  readonly #options: ClusterLoopOptions;
  readonly #wake: Wake;
  readonly #roster: MemberRoster;
  readonly #tasks: TaskBoard;
  readonly #gate: HookGate;
  /** The plans that ran here lately. */
  readonly runs: RunLog;
  /** Where orders for this cluster come in. */
  readonly orders: OrderDesk;
  readonly #lookers = new Set<() => void>();
  #record: TopologyRecord | undefined;
  #lastLook: number;
  readonly #plans: PlanRunner;
  readonly #acks = new AckStallWatch();
  readonly #suspicion = new Suspicion();

  constructor(options: ClusterLoopOptions) {
    const { clock, eventLoop, logger, key } = options;
    this.key = key;
    this.#options = options;
    this.#wake = new Wake();
    this.runs = new RunLog(clock);
    this.#lastLook = clock.nowMs();
    const onChange = (): void => this.#wake.ring();
    this.#roster = new MemberRoster({ clock, eventLoop, onChange, tenure: () => this.#tenure() });
    this.#tasks = new TaskBoard({ clock, logger, onDone: onChange });
    const { engine, inventory, hooks = () => [] } = options;
    const hostOf = (instance: string) => inventory.hostOf?.(key, instance);
    this.#gate = new HookGate({ key, engine, hooks, hostOf, clock, logger, onDone: onChange });
    this.orders = new OrderDesk({
      clock,
      logger,
      runs: this.runs,
      wake: onChange,
      review: (id, plan, snapshot) => this.#gate.reviewOrder(id, plan, snapshot),
    });
    this.#plans = new PlanRunner({
      key,
      runs: this.runs,
      tasks: this.#tasks,
      metrics: options.metrics,
      onEnd: (plan, snapshot, ok) => this.#gate.ended(plan, snapshot, ok),
    });
  }

  /** Something about the cluster or its pods changed. */
  notify(): void {
    this.#wake.ring();
  }

  /** What is seen now and was decided last; undefined until the first look. */
  look(): LastLook | undefined {
    const { seen } = this.orders;
    if (!seen) return undefined;
    const { decision, context } = seen;
    return { snapshot: context.snapshot(), decision, topology: context.record.current };
  }

  /** The decisions that are kept, the newest last. */
  journal(): readonly JournalEntry[] {
    return this.#options.journal.recent(this.key);
  }

  /** Calls back after each look, until the returned function is called. */
  onLook(listener: () => void): () => void {
    this.#lookers.add(listener);
    return () => void this.#lookers.delete(listener);
  }

  /** Runs until the signal is aborted; a plan under way is carried to its end first. */
  async run(signal: AbortSignal): Promise<void> {
    const { key, inventory, store, logger, clock, holdsLease } = this.#options;
    try {
      const credentials = this.#watchCredentials(
        await awaitCredentials(() => inventory.credentials(key), clock, signal),
      );
      const record = await TopologyRecord.open(store, key, holdsLease);
      await takeCluster(record, this.#options, () => this.#wake.wait(tickMs, signal), signal);
      this.#record = record;
      const announce = this.#options.announcer(() => record.current.epoch);
      const publisher = new StatusPublisher({ key, record, store, announce, clock, logger });
      const news = new ProvisioningNews(announce, clock);
      const { journal, engine } = this.#options;
      const log = new DecisionLog({ journal, announce, key, engine, wall: () => clock.wall() });
      while (!signal.aborted && !this.#isSucceeded(record)) {
        await this.#pass({ record, announce, publisher, news, log, credentials });
        await this.#wake.wait(tickMs, signal);
      }
    } catch (error: unknown) {
      if (!signal.aborted) throw error;
    } finally {
      this.orders.close();
      await this.#tasks.end(taskGraceMs);
      await this.#roster.stop();
      await letClusterGo(this.#record, logger);
    }
  }

  #tenure(): TopologyRecord {
    if (!this.#record) throw new LapsedError('this engine does not own the cluster yet');
    return this.#record;
  }

  /** Another engine owns the cluster now, as a write of this one has found or the inventory says. */
  #isSucceeded(record: TopologyRecord): boolean {
    const { inventory, key, logger } = this.#options;
    const seen = inventory.cluster(key)?.status.topology?.owner;
    const isSucceeded = !record.isOwned || (seen !== undefined && seen.term > record.term);
    if (isSucceeded) logger.warn({ term: record.term, owner: seen?.engine }, 'another engine owns the cluster');
    return isSucceeded;
  }

  async #pass(parts: PassParts): Promise<void> {
    const { inventory, key, logger } = this.#options;
    const cluster = inventory.cluster(key);
    if (!cluster) return;
    this.#voidStalls();
    this.#roster.reconcile(inventory.podFacts(key), parts.credentials.current);
    void parts.credentials.refresh();
    const context = this.#context(cluster, parts);
    this.#lookAtAcks(parts.record.current);
    const snapshot = context.snapshot();
    const decided = decide(snapshot);
    parts.log.decided(snapshot, decided);
    if (logger.isLevelEnabled('debug')) logger.debug({ state: decided.state, ...closenessOf(snapshot) }, 'looked');
    const decision = this.#gate.review(decided, snapshot);
    this.orders.show({ decision, context });
    this.#suspicion.look(decision, snapshot, this.#roster.list(), parts.announce);
    let after = snapshot;
    try {
      await this.#act(decision, snapshot, context, parts.log);
      after = context.snapshot();
      parts.news.look(this.#roster.list());
      await parts.publisher.publish(after, decision, parts.credentials.problem);
    } catch (error: unknown) {
      if (error instanceof OutrunError) logger.warn({ err: error }, 'this engine may not act on the cluster now');
      else logger.error({ err: error }, 'a pass of the loop failed');
    }
    this.#options.metrics.observe(key, after, decision);
    for (const looker of this.#lookers) looker();
  }

  async #act(decision: Decision, snapshot: Snapshot, context: PlanContext, log: DecisionLog): Promise<void> {
    for (const start of planStarts(snapshot, decision)) {
      const { instance } = start;
      this.#tasks.start(
        { name: `${start.do} ${instance}`, on: [instance], run: () => startWaiting(start, context) },
        start,
      );
    }
    const ordered = this.orders.begin();
    if (ordered) {
      const made = { state: decision.state, plan: ordered.plan };
      log.ordered(ordered.snapshot, made, ordered.order);
      const outcome = await this.#plans.runOrdered(ordered, context);
      log.ended(context.snapshot(), made, outcome, ordered.order);
      return;
    }
    if (decision.abandon) {
      await context.record.endOperation({});
      return;
    }
    if (decision.plan) {
      const outcome = await this.#plans.runDecided(decision.plan, context);
      if (outcome) log.ended(context.snapshot(), decision, outcome);
      return;
    }
    if (isUnderCare(decision.state)) careFor(snapshot, this.#tasks, context);
  }

  #context(cluster: ResolvedCluster, { record, announce, credentials }: PassParts): PlanContext {
    const { engine, clock, logger, inventory, key } = this.#options;
    return {
      engine,
      record,
      announce,
      credentials: credentials.current,
      clock,
      logger,
      snapshot: () => ({
        wantedReplicas: cluster.spec.replicas,
        durability: cluster.spec.replication.dataDurability,
        readOnly: cluster.spec.readOnly,
        maxLagSeconds: cluster.spec.maxSlaveLatency,
        policy: this.#policy(cluster, record),
        isolationTimeoutMs: cluster.spec.replication.isolationTimeoutSeconds * 1_000,
        acks: this.#acks.evidence(clock.nowMs()),
        recorded: recordedFacts(record.current),
        instances: this.#roster.evidence(cluster.spec.replicas, recordedFacts(record.current).identities),
      }),
      member: (name) => this.#roster.get(name),
      members: () => this.#roster.list(),
      role: (name) => inventory.podFacts(key).find((pod) => pod.name === name)?.role,
    };
  }

  #policy(cluster: ResolvedCluster, record: TopologyRecord): Policy {
    const { key, operatorSettings, clock, inventory } = this.#options;
    return resolvePolicy({
      key,
      hostOf: (instance) => inventory.hostOf?.(key, instance)?.host,
      instances: this.#roster.list().map(({ name }) => name),
      spec: cluster.spec.replication,
      operator: operatorSettings?.() ?? {},
      topology: record.current,
      now: clock.wall(),
    });
  }

  /** A stall of this process is no silence of the servers. */
  #voidStalls(): void {
    const { clock, eventLoop, logger } = this.#options;
    if (eventLoop.stalledSince(this.#lastLook)) {
      logger.warn('this process stood still; silences are counted anew');
      for (const member of this.#roster.list()) member.watch.voidSilence();
      this.#acks.restart();
    }
    this.#lastLook = clock.nowMs();
  }

  #lookAtAcks({ primary, ackSet }: TopologyStatus): void {
    const contact = this.#roster.get(primary)?.watch.contact();
    const view = contact?.kind === 'observed' ? contact.view : undefined;
    this.#acks.look(view, ackSet.k, this.#options.clock.nowMs());
  }

  #watchCredentials(first: Credentials): CredentialsWatch {
    const { inventory, clock, key, logger } = this.#options;
    const watch: CredentialsWatch = new CredentialsWatch(first, {
      read: () => inventory.credentials(key),
      trial: (credentials) => tryCredentials(credentials, this.#roster.list()),
      clock,
      onChange: () => {
        logger.info({ problem: watch.problem }, 'the Secret of the operator changed, or what MySQL says of it');
        this.#roster.useCredentials(watch.current);
        this.#wake.ring();
      },
    });
    return watch;
  }
}

export interface LastLook {
  readonly snapshot: Snapshot;
  readonly decision: Decision;
  readonly topology: TopologyStatus;
}

interface PassParts {
  readonly record: TopologyRecord;
  readonly announce: Announcer;
  readonly log: DecisionLog;
  readonly publisher: StatusPublisher;
  readonly news: ProvisioningNews;
  readonly credentials: CredentialsWatch;
}
