import { GtidSet } from '@pilotfish/gtid';
import type { Decision } from './decision.ts';
import type { HoldReason } from './hold.ts';
import {
  type AckSet,
  heldBy,
  type InstanceEvidence,
  type InstanceView,
  instanceNamed,
  type Snapshot,
  viewOf,
} from './snapshot.ts';

/** What a server is told that waits to start because it crashed as a primary. */
export type Start =
  /** Cut off what others have not received of its transactions. */
  | {
      readonly do: 'rewind';
      readonly instance: string;
      readonly wait: string;
      readonly source: string;
      readonly received: GtidSet;
    }
  /** Nothing is to be cut, or nobody will ever know what. */
  | { readonly do: 'start'; readonly instance: string; readonly wait: string };

/** A moment's doubt, after which somebody may take its place. While anything else holds, its return with all that it has is what helps. */
const undecided: readonly HoldReason[] = ['PrimarySuspected', 'ReplicasStillReceive'];

/** Orders for the servers that wait to start. One that is not told anything starts by itself after a few seconds. */
export function planStarts(snapshot: Snapshot, decision: Decision): readonly Start[] {
  return snapshot.instances.flatMap((instance) => startOf(instance, snapshot, decision) ?? []);
}

function startOf(instance: InstanceEvidence, snapshot: Snapshot, decision: Decision): Start | undefined {
  const awaiting = instance.agent?.awaiting;
  if (!awaiting) return undefined;
  const { wait, source } = awaiting;
  const { recorded } = snapshot;
  const { formerPrimary } = recorded;
  const asItIs: Start = { do: 'start', instance: instance.name, wait };
  if (recorded.primary === instance.name) {
    // Commits that waited for nobody were acknowledged: they stay, and so does it.
    if (recorded.ackSet.k === 0) return asItIs;
    return decision.hold && !undecided.includes(decision.hold.reason) ? asItIs : undefined;
  }
  if (formerPrimary?.name === instance.name && formerPrimary.serverUuid === source) {
    return { do: 'rewind', instance: instance.name, wait, source, received: formerPrimary.received };
  }
  return recorded.operation ? undefined : asItIs;
}

/**
 * What other instances have received of a failed primary's transactions, when it is certain that nobody has more: every other
 * instance is seen, and none receives from it any more. Undefined when one may have more, or when its commits waited for nobody: then
 * what only it has may have been acknowledged.
 *
 * @param from the failed primary, and the ack set of its epoch
 * @param seen what each instance held when its receiver had stopped, by name
 */
export function provenReceived(
  snapshot: Snapshot,
  from: { readonly name: string; readonly serverUuid: string; readonly ackSet: AckSet },
  seen: ReadonlyMap<string, InstanceView>,
): GtidSet | undefined {
  if (from.ackSet.k === 0) return undefined;
  const others = new Set([...snapshot.instances.map(({ name }) => name), ...from.ackSet.members]);
  others.delete(from.name);
  const unknown = [...others].filter((name) => !seen.has(name) && !hasNothing(instanceNamed(snapshot, name)));
  if (unknown.length > 0 || others.size + 1 < snapshot.wantedReplicas) return undefined;
  const views = [...seen.values()];
  if (views.some((view) => view.replication?.receiver === 'ON')) return undefined;
  return GtidSet.unionOf(views.map((view) => heldBy(view).ofSource(from.serverUuid)));
}

/** It holds no transactions of anybody, or they are being replaced. */
function hasNothing(instance: InstanceEvidence | undefined): boolean {
  const view = viewOf(instance);
  if (view) return view.executed.isEmpty() && view.replication === null;
  return instance?.agent !== undefined && (instance.agent.blank || instance.agent.provisioning === 'cloning');
}
