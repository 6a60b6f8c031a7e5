import { chooseCandidate, isElectable } from './candidate.ts';
import { lagOf } from './lag.ts';
import { bootstrapSteps, failoverSteps, type Plan, reopenSteps, stepsFrom, switchoverSteps } from './plan.ts';
import { judgePrimary } from './primary-verdict.ts';
import { membersToSee } from './quorum.ts';
import {
  type AckSet,
  heldBy,
  type InstanceEvidence,
  instanceNamed,
  type RecordedOperation,
  type Snapshot,
  viewOf,
} from './snapshot.ts';
import { timing } from './timing.ts';

/** Every state that a cluster can be in, as seen by its topology engine. */
export type ClusterState =
  | 'Stopped'
  | 'AwaitingFirstInstance'
  | 'FirstInstanceReady'
  | 'OperationInterrupted'
  | 'PrimaryHealthy'
  | 'PrimaryClosed'
  | 'PrimaryLeaving'
  | 'PrimaryDead'
  | 'PrimaryEmptied'
  | 'PrimarySuspected';

/** A decision to do nothing now: which predicate failed, and what would lift it. */
export interface Hold {
  readonly reason: string;
  readonly message: string;
}

export interface Decision {
  readonly state: ClusterState;
  readonly plan?: Plan;
  readonly hold?: Hold;
  /** Drop a recorded operation that changed nothing yet. */
  readonly abandon?: RecordedOperation;
}

const nothingPromised: AckSet = { members: [], k: 0 };

/** Evidence in, decision out: total, and without I/O or a clock. */
export function decide(snapshot: Snapshot): Decision {
  const { recorded } = snapshot;
  if (recorded.operation) return resume(snapshot, recorded.operation);
  if (recorded.primary === '') return decideFirst(snapshot);
  const primary = instanceNamed(snapshot, recorded.primary);
  if (snapshot.wantedReplicas === 0 && !primary?.podExists) return { state: 'Stopped' };
  const verdict = judgePrimary(snapshot, primary);
  switch (verdict.kind) {
    case 'alive':
      return decideAlive(snapshot, primary);
    case 'dead':
      return failover(snapshot, 'PrimaryDead', verdict.reason, recorded.ackSet);
    case 'emptied':
      return failover(snapshot, 'PrimaryEmptied', verdict.reason, recorded.ackSet);
    case 'suspected':
      return { state: 'PrimarySuspected', hold: suspicion(verdict.reason, verdict.vetoedBy) };
    default:
      return verdict satisfies never;
  }
}

function suspicion(reason: string, vetoedBy: readonly string[]): Hold {
  return vetoedBy.length > 0
    ? { reason: 'ReplicasStillReceive', message: `${reason}, but ${vetoedBy.join(', ')} still receive from it` }
    : { reason: 'PrimarySuspected', message: `${reason}; waiting for a second witness` };
}

/** The first primary: an instance that has data (an adopted cluster), else ordinal 0 once it is blank and answers. */
function decideFirst(snapshot: Snapshot): Decision {
  if (snapshot.wantedReplicas === 0) return { state: 'Stopped' };
  const withData = snapshot.instances.filter((instance) => viewOf(instance)?.executed.isEmpty() === false);
  if (withData.length > 0) {
    const answering = snapshot.instances.filter((instance) => instance.contact.kind === 'observed');
    const pods = snapshot.instances.filter((instance) => instance.podExists);
    if (answering.length < pods.length) {
      return awaiting(`an instance holds data; waiting for all ${pods.length} to answer before one is chosen`);
    }
    const choice = chooseCandidate(withData);
    if (choice.kind === 'none') return awaiting(choice.reason);
    return { state: 'FirstInstanceReady', plan: bootstrap(choice.name, 'it holds the data of the cluster') };
  }
  const first = snapshot.instances.find((instance) => instance.ordinal === 0);
  if (!first || !viewOf(first)) return awaiting('waiting for the first instance to answer');
  return { state: 'FirstInstanceReady', plan: bootstrap(first.name, 'the cluster has never had data') };
}

const awaiting = (message: string): Decision => ({
  state: 'AwaitingFirstInstance',
  hold: { reason: 'AwaitingFirstInstance', message },
});

const bootstrap = (to: string, reason: string): Plan => ({
  kind: 'bootstrap',
  from: '',
  to,
  reason,
  previousAckSet: nothingPromised,
  steps: bootstrapSteps,
});

function decideAlive(snapshot: Snapshot, primary: InstanceEvidence | undefined): Decision {
  const view = viewOf(primary);
  if (!primary || !view) return { state: 'PrimarySuspected', hold: suspicion('the primary does not answer', []) };
  // A primary that is open but not published was interrupted on its way; one of a read-only cluster stays closed.
  const asRecorded = snapshot.recorded.writable && (snapshot.readOnly || !view.readOnly);
  if (!asRecorded) return decideClosed(snapshot, primary);
  if (primary.leaving) return decideLeaving(snapshot, primary);
  return { state: 'PrimaryHealthy' };
}

/** Its server was restarted before anybody else was promoted: it holds every commit that it acknowledged, so it opens again. */
function decideClosed(snapshot: Snapshot, primary: InstanceEvidence): Decision {
  const { ackSet } = snapshot.recorded;
  const view = viewOf(primary);
  const ahead = snapshot.instances.filter((other) => {
    const otherView = viewOf(other);
    return view && otherView && other !== primary && !view.executed.contains(heldBy(otherView));
  });
  if (ahead.length > 0 && !view?.replication) {
    const names = ahead.map((instance) => instance.name).join(', ');
    return failover(
      snapshot,
      'PrimaryClosed',
      `${names} hold transactions that ${primary.name} came back without`,
      ackSet,
    );
  }
  if (primary.ending) {
    return failover(snapshot, 'PrimaryClosed', `${primary.name} is closed and its pod is ending`, ackSet);
  }
  return {
    state: 'PrimaryClosed',
    plan: {
      kind: 'reopen',
      from: primary.name,
      to: primary.name,
      reason: `${primary.name} came back closed with all its data`,
      previousAckSet: ackSet,
      steps: reopenSteps,
    },
  };
}

function decideLeaving(snapshot: Snapshot, primary: InstanceEvidence): Decision {
  const state = 'PrimaryLeaving';
  const stay = snapshot.instances.filter(
    (instance) => instance !== primary && followsWell(instance, primary, snapshot),
  );
  const choice = chooseCandidate(stay.filter((instance) => !instance.leaving));
  if (choice.kind === 'none') {
    return {
      state,
      hold: {
        reason: 'NoCaughtUpReplica',
        message: `${primary.name} is leaving, but no replica can take over: ${choice.reason}`,
      },
    };
  }
  return {
    state,
    plan: {
      kind: 'switchover',
      from: primary.name,
      to: choice.name,
      reason: `${primary.name} is leaving`,
      previousAckSet: snapshot.recorded.ackSet,
      steps: switchoverSteps,
    },
  };
}

function followsWell(instance: InstanceEvidence, primary: InstanceEvidence, snapshot: Snapshot): boolean {
  const view = viewOf(instance);
  if (!view?.replication || !isElectable(instance)) return false;
  const { receiver, applier, sourceHost } = view.replication;
  const isAttached = receiver === 'ON' && applier === 'ON' && sourceHost === primary.host;
  return isAttached && lagOf(view, snapshot) < timing.switchoverMaxLagMs;
}

/** Checked before the first step: enough of the ack set answers, and somebody can lead. */
function failover(snapshot: Snapshot, state: ClusterState, reason: string, ackSet: AckSet): Decision {
  const from = snapshot.recorded.primary;
  const others = snapshot.instances.filter((instance) => instance.name !== from && viewOf(instance));
  const seen = others.filter((instance) => ackSet.members.includes(instance.name));
  const need = membersToSee(ackSet);
  if (seen.length < need) return { state, hold: quorumMissing(reason, ackSet, seen.length, need) };
  const choice = chooseCandidate(others);
  if (choice.kind === 'none') return { state, hold: { reason: 'NoCandidate', message: `${reason}; ${choice.reason}` } };
  return {
    state,
    plan: { kind: 'failover', from, to: choice.name, reason, previousAckSet: ackSet, steps: failoverSteps },
  };
}

function quorumMissing(reason: string, ackSet: AckSet, seen: number, need: number): Hold {
  if (!Number.isFinite(need)) {
    return {
      reason: 'OnlyThePrimaryHasEverything',
      message: `${reason}; its commits were not acknowledged by any replica, so only its return brings all of them back`,
    };
  }
  return {
    reason: 'TooFewWitnesses',
    message: `${reason}; ${seen} of the ack set {${ackSet.members.join(', ')}} answer and ${need} must, or an acknowledged commit could be lost`,
  };
}

/** An operation whose engine is gone. Before its epoch was recorded nothing changed; after that it is carried to its end. */
function resume(snapshot: Snapshot, operation: RecordedOperation): Decision {
  const state = 'OperationInterrupted';
  if (operation.phase === 'preparing') return { state, abandon: operation };
  const { kind, from, to, previousAckSet } = operation;
  const reason = `${kind} ${operation.id} was interrupted`;
  const plan = (steps: Plan['steps'], target: string): Decision => ({
    state,
    plan: { kind, from, to: target, reason, previousAckSet, steps },
  });
  if (kind === 'bootstrap') {
    return viewOf(instanceNamed(snapshot, to))
      ? plan(stepsFrom(bootstrapSteps, 'prepare-first'), to)
      : { state, hold: suspicion(`${reason}; ${to} does not answer`, []) };
  }
  const open = snapshot.instances.find((instance) => instance.name !== from && viewOf(instance)?.readOnly === false);
  if (open) return plan(stepsFrom(failoverSteps, 'record-ack-set'), open.name);
  const bothAnswer = viewOf(instanceNamed(snapshot, from)) && viewOf(instanceNamed(snapshot, to));
  if (kind === 'switchover' && bothAnswer && !snapshot.recorded.writable)
    return plan(stepsFrom(switchoverSteps, 'close-old'), to);
  return retryFailover(snapshot, operation, reason);
}

/**
 * Between two epochs both ack sets bind: commits of the old one were acknowledged by the previous set, and the new primary
 * may have been open for a moment. The primary of an epoch stands for all of its epoch's commits.
 */
function retryFailover(snapshot: Snapshot, operation: RecordedOperation, reason: string): Decision {
  const state = 'OperationInterrupted';
  const { from, previousAckSet } = operation;
  const answering = snapshot.instances.filter((instance) => viewOf(instance));
  const bound = [
    { ackSet: previousAckSet, primary: from },
    { ackSet: snapshot.recorded.ackSet, primary: snapshot.recorded.primary },
  ];
  for (const { ackSet, primary } of bound) {
    const seen = answering.filter((instance) => ackSet.members.includes(instance.name)).length;
    const need = membersToSee(ackSet);
    if (seen < need && !answering.some((instance) => instance.name === primary)) {
      return { state, hold: quorumMissing(reason, ackSet, seen, need) };
    }
  }
  const withoutOld = chooseCandidate(answering.filter((instance) => instance.name !== from));
  const seenOfPrevious = answering.filter((instance) => previousAckSet.members.includes(instance.name)).length;
  const choice =
    withoutOld.kind === 'chosen' && seenOfPrevious >= membersToSee(previousAckSet)
      ? withoutOld
      : chooseCandidate(answering);
  if (choice.kind === 'none') return { state, hold: { reason: 'NoCandidate', message: `${reason}; ${choice.reason}` } };
  const steps = stepsFrom(failoverSteps, choice.name === from ? 'record-ack-set' : 'fence-old');
  return { state, plan: { kind: operation.kind, from, to: choice.name, reason, previousAckSet, steps } };
}
