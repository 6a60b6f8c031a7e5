import type { ResolvedCluster, TopologyStatus } from '@pilotfish/api';
import { type InstanceEvidence, lagOf, type ReplicationView, type Snapshot, viewOf } from '@pilotfish/topology';
import { seenInstances } from '../record/seen-instances.ts';
import type { ClusterControl } from './engine.ts';
import type { ClusterSummary, ClusterView } from './schemas.ts';

/** A cluster as recorded: what any engine can tell. */
export function summaryOf({ metadata, status }: ResolvedCluster): ClusterSummary {
  const { topology } = status;
  const { namespace, name } = metadata;
  return { namespace, name, ...recorded(topology) };
}

/** A cluster of which nobody can say more than what is recorded. */
export function recordedView(cluster: ResolvedCluster, engine: string | undefined): ClusterView {
  const { topology } = cluster.status;
  return { ...summaryOf(cluster), live: false, ...(engine !== undefined && { engine }), ...ordersOf(topology) };
}

/** A cluster as the engine that looks after it sees it; undefined until it has looked. */
export function liveView(
  ref: { readonly namespace: string; readonly name: string },
  engine: string,
  { look, runs }: { readonly look: ReturnType<ClusterControl['look']>; readonly runs: ClusterControl['runs'] },
): ClusterView | undefined {
  if (!look) return undefined;
  const { snapshot, decision, topology } = look;
  const { running } = runs;
  const facts = seenInstances(snapshot, topology);
  const { hold: _published, ...others } = recorded(topology);
  return {
    ...ref,
    ...others,
    live: true,
    engine,
    state: decision.state,
    ...(decision.hold && { hold: decision.hold }),
    ...(running && { running: { ...running, steps: [...running.steps] } }),
    ...ordersOf(topology),
    instances: snapshot.instances.map((instance, index) => ({
      ...(facts[index] ?? { name: instance.name, state: 'Unreachable', ...nothing }),
      evidence: evidenceOf(instance, snapshot),
    })),
  };
}

const nothing = { serving: false, attached: false, lagged: false, caughtUp: false, readOnly: true };

function recorded(topology: TopologyStatus | undefined) {
  const { primary = '', epoch = 0, writable = false, ackSet = { members: [], k: 0 }, hold, operation } = topology ?? {};
  const { id = '', kind = '', from = '', to = '', phase = '' } = operation ?? {};
  return {
    primary,
    epoch,
    writable,
    ackSet,
    ...(hold && { hold }),
    ...(operation && { operation: { id, kind, from, to, phase } }),
    instances: topology?.instances ?? [],
  };
}

function ordersOf(topology: TopologyStatus | undefined) {
  const { orders, lastFailover } = topology ?? {};
  return { ...(orders && { orders }), ...(lastFailover && { lastFailover }) };
}

function evidenceOf(
  instance: InstanceEvidence,
  snapshot: Snapshot,
): NonNullable<ClusterView['instances'][number]['evidence']> {
  const { contact, agent, podExists, leaving } = instance;
  const forMs = 'forMs' in contact ? contact.forMs : 'ageMs' in contact ? contact.ageMs : undefined;
  return {
    contact: contact.kind,
    ...(forMs !== undefined && { forMs: Math.round(forMs) }),
    ...('reason' in contact && { detail: contact.reason }),
    ...serverFacts(instance, snapshot),
    ...(agent && { agent: agent.provisioning }),
    podExists,
    leaving,
  };
}

function serverFacts(instance: InstanceEvidence, snapshot: Snapshot) {
  const view = viewOf(instance);
  if (!view) return {};
  const { serverUuid, executed, purged, semiSyncSource, semiSyncReplica, semiSyncClients, replication } = view;
  return {
    serverUuid,
    executed: executed.toString(),
    purged: purged.toString(),
    lagMs: Math.round(lagOf(view, snapshot)),
    semiSyncSource,
    semiSyncReplica,
    semiSyncClients,
    ...(replication && { replication: replicationFacts(replication, snapshot) }),
  };
}

function replicationFacts({ sourceHost, sourceUuid: _, received, ...others }: ReplicationView, snapshot: Snapshot) {
  const source = snapshot.instances.find(({ host }) => host === sourceHost)?.name ?? sourceHost;
  return { source, received: received.toString(), ...others };
}
