import type { GtidSet } from '@pilotfish/gtid';
import type { Decision } from './decision.ts';
import { failover } from './failover.ts';
import { reopenSteps } from './plan.ts';
import { heldBy, type InstanceEvidence, type InstanceView, type Snapshot, viewOf } from './snapshot.ts';

/** It was closed before anybody else was promoted: it holds every commit that it acknowledged, so it opens again. */
export function decideClosed(snapshot: Snapshot, primary: InstanceEvidence, view: InstanceView): Decision {
  const { name } = primary;
  const ahead = snapshot.instances.filter((other) => {
    const otherView = viewOf(other);
    return otherView && other !== primary && !missingOn(view, otherView).isEmpty();
  });
  if (ahead.length > 0 && !view.replication) {
    const names = ahead.map((instance) => instance.name).join(', ');
    return failover(snapshot, 'PrimaryClosed', `${names} hold transactions that ${name} came back without`);
  }
  if (primary.ending) return failover(snapshot, 'PrimaryClosed', `${name} is closed and its pod is ending`);
  if (primary.agent?.isolated) return closedByItsAgent(name);
  return {
    state: 'PrimaryClosed',
    plan: {
      kind: 'reopen',
      from: name,
      to: name,
      reason: whyClosed(name, view),
      previousAckSet: snapshot.recorded.ackSet,
      steps: reopenSteps,
    },
  };
}

/** Once it is open, what it wrote itself may still wait there for its acknowledgement. */
function missingOn(view: InstanceView, other: InstanceView): GtidSet {
  const missing = heldBy(other).subtract(view.executed);
  return view.readOnly ? missing : missing.subtract(missing.ofSource(view.serverUuid));
}

/** Opened now, it would be closed again at once. */
const closedByItsAgent = (name: string): Decision => ({
  state: 'PrimaryIsolated',
  hold: {
    reason: 'PrimaryIsolated',
    message: `${name} is closed by its agent, which reaches neither the API server nor another instance`,
    lifts: 'its agent reaches the API server or the agent of another instance',
  },
});

/** The last heartbeat was written while it was open: a server that started after it was restarted. */
function whyClosed(name: string, { readOnly, heartbeatAgeMs, uptimeMs }: InstanceView): string {
  if (!readOnly) return `${name} was opened, and that was not recorded`;
  if (heartbeatAgeMs !== null && uptimeMs > heartbeatAgeMs) {
    return `${name} was closed while it ran (spec.readOnly would keep it closed)`;
  }
  return `${name} came back closed with all its data`;
}
