import { isDeepStrictEqual } from 'node:util';
import type { InstanceStatus, TopologyHold } from '@pilotfish/api';
import { type Clock, Lasting, type Logger } from '@pilotfish/service';
import {
  ackersFor,
  type Decision,
  type Hold,
  type InstanceFacts,
  instanceNamed,
  isInDoubt,
  isUnderCare,
  type Snapshot,
} from '@pilotfish/topology';
import type { EngineCondition, TopologyStore } from '../inventory.ts';
import type { Announcer } from './announcer.ts';
import { seenInstances } from './seen-instances.ts';
import type { TopologyRecord } from './topology-record.ts';

/** A hold shorter than this is a moment's doubt, and is not published. */
const holdPublishedAfterMs = 700;
/** Between two writes of what is seen of the instances: a failover changes it at every look. */
const instancesSpacingMs = 300;
/** Conditions that change back within it are not published. */
const conditionsSettleMs = 500;

/** Publishes what the engine sees: instances, hold and conditions. Written only when something of it changed. */
export class StatusPublisher {
  readonly #record: TopologyRecord;
  readonly #store: TopologyStore;
  readonly #announce: Announcer;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #key: string;
  #holdSince: { reason: string; at: number; wall: string; told: boolean } | undefined;
  readonly #conditionsDiffer: Lasting;
  #conditions = '';
  #instancesAt = Number.NEGATIVE_INFINITY;
  #credentials: string | undefined;
  #told: readonly InstanceStatus[];

  constructor(options: {
    key: string;
    record: TopologyRecord;
    store: TopologyStore;
    announce: Announcer;
    clock: Clock;
    logger: Logger;
  }) {
    this.#key = options.key;
    this.#record = options.record;
    this.#told = options.record.current.instances;
    this.#store = options.store;
    this.#announce = options.announce;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#conditionsDiffer = new Lasting(options.clock, conditionsSettleMs);
  }

  /** `credentialsProblem`: why the operator's Secret can not be used, if so. */
  async publish(snapshot: Snapshot, decision: Decision, credentialsProblem: string | undefined): Promise<void> {
    // An engine that has not heard of the primary yet knows nothing to tell: what was told before it came stays.
    if (instanceNamed(snapshot, snapshot.recorded.primary)?.contact.kind === 'untried') return;
    const hold = this.#holdOf(decision);
    // A primary in doubt is dealt with before it is told: labels that change now would hold up those of a failover.
    if (isInDoubt(decision.state) && !hold) return;
    const { current } = this.#record;
    const instances = seenInstances(snapshot, current);
    const isDue = this.#clock.nowMs() - this.#instancesAt >= instancesSpacingMs;
    // A hold has waited already: one that ends soon must be told before it does.
    if (!sameHold(hold, current.hold) || (isDue && !isDeepStrictEqual(instances, current.instances))) {
      await this.#record.update({ instances, hold });
      this.#instancesAt = this.#clock.nowMs();
    }
    this.#tellChanges();
    const credentials = credentialsCondition(credentialsProblem);
    if (credentials.message !== this.#credentials && (this.#credentials !== undefined || credentialsProblem)) {
      this.#announce.event(credentialsProblem ? 'credentials-refused' : 'credentials-accepted', {
        message: credentials.message,
      });
    }
    this.#credentials = credentials.message;
    await this.#publishConditions([
      failoverCondition(decision, hold),
      durableCondition(snapshot),
      pendingAckCondition(snapshot),
      errantCondition(snapshot, instances),
      credentials,
    ]);
  }

  #holdOf({ hold }: Decision): TopologyHold | undefined {
    if (!hold) {
      this.#holdSince = undefined;
      return undefined;
    }
    const now = this.#clock.nowMs();
    if (this.#holdSince?.reason !== hold.reason) {
      this.#holdSince = { reason: hold.reason, at: now, wall: this.#clock.wall().toISOString(), told: false };
    }
    const { at, wall } = this.#holdSince;
    if (now - at < holdPublishedAfterMs) return undefined;
    if (!this.#holdSince.told && hold.reason !== 'AwaitingFirstInstance') {
      this.#holdSince.told = true;
      const { reason, message, lifts } = hold;
      this.#announce.event('failover-held', { reason, message, lifts });
      this.#logger.warn({ ...hold }, 'nothing is done');
    }
    return publishedHold(hold, wall, this.#clock);
  }

  /** Of what is recorded, by whomever: the end of an operation records what is seen then. */
  #tellChanges(): void {
    const { instances } = this.#record.current;
    const before = this.#told;
    this.#told = instances;
    for (const instance of instances) {
      const old = before.find(({ name }) => name === instance.name);
      if (!old || old.state === instance.state) continue;
      const reason = (instance.message ?? instance.state).slice(0, 500);
      this.#announce.event('instance-state-changed', {
        instance: instance.name,
        from: old.state,
        to: instance.state,
        reason,
      });
    }
  }

  async #publishConditions(conditions: readonly EngineCondition[]): Promise<void> {
    const text = JSON.stringify(conditions);
    if (this.#conditionsDiffer.remainingMs(text !== this.#conditions) !== 0) return;
    await this.#store.setConditions(this.#key, conditions);
    this.#conditions = text;
  }
}

/** A failover waits to be acknowledged while it would hold up another one. */
function pendingAckCondition({ policy }: Snapshot): EngineCondition {
  const type = 'PendingFailoverAck';
  const { failures, recoveryBlockMs } = policy.failover;
  const waiting = failures.filter(({ ageMs }) => ageMs < recoveryBlockMs).map(({ instance }) => instance);
  if (waiting.length === 0) {
    const message = 'no recovery waits to be acknowledged';
    return { type, status: 'False', reason: 'NoPendingFailoverAckExists', message };
  }
  const message = `failed over from ${waiting.join(', ')}: not done again within the recovery block unless acknowledged`;
  return { type, status: 'True', reason: 'PendingFailoverAckExists', message };
}

function failoverCondition(decision: Decision, hold: TopologyHold | undefined): EngineCondition {
  const type = 'FailoverInProgress';
  if (decision.plan && decision.plan.kind !== 'reopen' && decision.plan.kind !== 'bootstrap') {
    const reason = decision.plan.kind === 'failover' ? 'OrcFailoverInProgress' : 'SwitchoverInProgress';
    return { type, status: 'True', reason, message: decision.plan.reason };
  }
  if (hold && decision.state !== 'AwaitingFirstInstance') {
    // Without its time, which differs by milliseconds at each look: status.topology.hold has it.
    const next = hold.next ? `; if it lasts, the engine ${hold.next.does}` : '';
    const message = `${hold.message}. It is lifted when ${hold.lifts ?? 'that changes'}${next}`;
    if (isUnderCare(decision.state)) return { type, status: 'False', reason: 'PrimaryInTrouble', message };
    return { type, status: 'True', reason: 'FailoverHeld', message };
  }
  if (decision.state === 'Stopped' || decision.state === 'AwaitingFirstInstance') {
    return { type, status: 'False', reason: 'ClusterNotRunning', message: 'no instance runs' };
  }
  return { type, status: 'False', reason: 'ClusterMasterHealthy', message: 'the primary serves' };
}

function credentialsCondition(problem: string | undefined): EngineCondition {
  const type = 'CredentialsValid';
  if (problem === undefined) {
    return {
      type,
      status: 'True',
      reason: 'CredentialsAccepted',
      message: 'MySQL accepts the accounts of the operator',
    };
  }
  const message = `The Secret <cluster>-mysql-operated can not be used: ${problem}. Until then the passwords that were in force are used.`;
  return { type, status: 'False', reason: 'CredentialsRefused', message };
}

function durableCondition(snapshot: Snapshot): EngineCondition {
  const { recorded, wantedReplicas, durability, policy } = snapshot;
  const type = 'Durable';
  const { members, k } = recorded.ackSet;
  if (!recorded.writable) return { type, status: 'Unknown', reason: 'NoPrimary', message: 'no primary is open' };
  if (wantedReplicas <= 1)
    return { type, status: 'False', reason: 'SingleInstance', message: 'there is one copy of the data' };
  if (policy.mode === 'async') {
    const message = 'spec.replication.mode is async: commits wait for nobody, and a failover may lose the newest';
    return { type, status: 'False', reason: 'AsyncReplication', message };
  }
  if (k === 0) {
    return {
      type,
      status: 'False',
      reason: 'NoReplicaAcknowledges',
      message: 'commits wait for no replica until one is attached',
    };
  }
  if (members.length < k && durability === 'required') {
    return {
      type,
      status: 'False',
      reason: 'WritesWaiting',
      message: `commits wait for ${String(k)} replicas, ${String(members.length)} can acknowledge`,
    };
  }
  const { zonesGivenUp } = ackersFor(snapshot, recorded.primary);
  if (zonesGivenUp !== undefined) {
    const message = `acknowledgements come from the zone of the primary as well: ${zonesGivenUp}`;
    return { type, status: 'False', reason: 'NoOtherZone', message };
  }
  const message = `each commit is on ${String(k)} of ${members.join(', ')} before it is acknowledged`;
  return { type, status: 'True', reason: 'AckSetInForce', message };
}

function errantCondition({ policy }: Snapshot, instances: readonly InstanceFacts[]): EngineCondition {
  const type = 'ErrantTransactions';
  const diverged = instances.filter(({ state }) => state === 'Diverged');
  if (diverged.length === 0) {
    return { type, status: 'False', reason: 'NoErrantTransactions', message: 'all instances have the same history' };
  }
  const message = diverged.map(({ name, message: why }) => `${name}: ${why ?? ''}`).join('; ');
  return { type, status: 'True', reason: policy.errantPolicy === 'auto' ? 'RepairUnderWay' : 'WaitsForOrder', message };
}

function publishedHold({ reason, message, lifts, next }: Hold, since: string, clock: Clock): TopologyHold {
  const at = new Date(clock.wall().getTime() + (next?.afterMs ?? 0)).toISOString();
  return { reason, message, since, lifts, ...(next && { next: { at, does: next.does } }) };
}

/** The time of the next step is not compared: it is reckoned anew at each look, and differs by milliseconds. */
function sameHold(a: TopologyHold | undefined, b: TopologyHold | undefined): boolean {
  return (
    a?.reason === b?.reason && a?.message === b?.message && a?.lifts === b?.lifts && a?.next?.does === b?.next?.does
  );
}
