import { chooseCandidate, isElectable } from './candidate.ts';
import type { Decision } from './decision.ts';
import { failover } from './failover.ts';
import { lagOf } from './lag.ts';
import { reopenSteps, switchoverSteps } from './plan.ts';
import { heldBy, type InstanceEvidence, type Snapshot, viewOf } from './snapshot.ts';
import { suspicion } from './suspicion.ts';
import { timing } from './timing.ts';

/** The primary answers: is it open, and does it stay? */
export function decideAlive(snapshot: Snapshot, primary: InstanceEvidence | undefined): Decision {
  const view = viewOf(primary);
  if (!primary || !view) {
    const verdict = { kind: 'suspected', reason: 'the primary does not answer', vetoedBy: [] } as const;
    return { state: 'PrimarySuspected', hold: suspicion(verdict) };
  }
  // A primary that is open but not published was interrupted on its way; one of a read-only cluster stays closed.
  const asRecorded = snapshot.recorded.writable && (snapshot.readOnly || !view.readOnly);
  if (!asRecorded) return decideClosed(snapshot, primary);
  if (primary.leaving) return decideLeaving(snapshot, primary);
  return { state: 'PrimaryHealthy' };
}

/** Its server was restarted before anybody else was promoted: it holds every commit that it acknowledged, so it opens again. */
function decideClosed(snapshot: Snapshot, primary: InstanceEvidence): Decision {
  const view = viewOf(primary);
  const ahead = snapshot.instances.filter((other) => {
    const otherView = viewOf(other);
    return view && otherView && other !== primary && !view.executed.contains(heldBy(otherView));
  });
  if (ahead.length > 0 && !view?.replication) {
    const names = ahead.map((instance) => instance.name).join(', ');
    return failover(snapshot, 'PrimaryClosed', `${names} hold transactions that ${primary.name} came back without`);
  }
  if (primary.ending) {
    return failover(snapshot, 'PrimaryClosed', `${primary.name} is closed and its pod is ending`);
  }
  return {
    state: 'PrimaryClosed',
    plan: {
      kind: 'reopen',
      from: primary.name,
      to: primary.name,
      reason: `${primary.name} came back closed with all its data`,
      previousAckSet: snapshot.recorded.ackSet,
      steps: reopenSteps,
    },
  };
}

function decideLeaving(snapshot: Snapshot, primary: InstanceEvidence): Decision {
  const state = 'PrimaryLeaving';
  const stay = snapshot.instances.filter(
    (instance) => instance !== primary && followsWell(instance, primary, snapshot),
  );
  const choice = chooseCandidate(
    stay.filter((instance) => !instance.leaving),
    { policy: snapshot.policy, from: primary },
  );
  if (choice.kind === 'none') {
    return {
      state,
      hold: {
        reason: 'NoCaughtUpReplica',
        message: `${primary.name} is leaving, but no replica can take over: ${choice.reason}`,
        lifts: `a replica that stays follows ${primary.name} less than ${timing.switchoverMaxLagMs / 1_000} s behind`,
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
