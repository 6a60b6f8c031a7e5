import type { GtidSet } from '@pilotfish/gtid';
import type { Policy } from './policy.ts';

/** Which replicas' acknowledgements count (`members`, pod names), and how many of them each commit waits for (`k`). */
export interface AckSet {
  readonly members: readonly string[];
  readonly k: number;
}

export type Durability = 'required' | 'preferred';

/** What is recorded of a cluster's topology: the part of `status.topology` that decisions read. */
export interface Recorded {
  /** Pod name of the primary of this epoch; empty before the first. */
  readonly primary: string;
  readonly epoch: number;
  /** True once the cluster has ever held data; from then on a blank instance never becomes primary. */
  readonly initialized: boolean;
  /** Never less demanding than what is in force. */
  readonly ackSet: AckSet;
  /** True once the primary of this epoch was opened and published. */
  readonly writable: boolean;
  /** server_uuid of each instance, by name, as it was when it was last known for certain. */
  readonly identities: Readonly<Record<string, string>>;
  readonly operation?: RecordedOperation;
  readonly formerPrimary?: FormerPrimary;
}

/** The primary that failed last. What no other instance received of it was acknowledged to nobody. */
export interface FormerPrimary {
  readonly name: string;
  readonly serverUuid: string;
  /** Its transactions that other instances held, all of them seen with their receivers stopped. */
  readonly received: GtidSet;
}

export interface RecordedOperation {
  readonly id: string;
  readonly kind: 'bootstrap' | 'failover' | 'switchover';
  readonly from: string;
  readonly to: string;
  /**
   * `preparing`: the primary of the old epoch is still open. `handing-over`: it still is, but new connections are led to the
   * candidate. `switching`: the new epoch is recorded, nobody may be open.
   */
  readonly phase: 'preparing' | 'handing-over' | 'switching';
  /** The ack set of the epoch that this operation ends: until the new primary is open, its acknowledgements decide. */
  readonly previousAckSet: AckSet;
}

/** How an instance answers SQL. Ages are milliseconds by the observer's monotonic clock. */
export type Contact =
  | { readonly kind: 'observed'; readonly view: InstanceView; readonly ageMs: number }
  | { readonly kind: 'refused'; readonly forMs: number }
  | { readonly kind: 'silent'; readonly forMs: number }
  /** It runs and does not let the observer in: another password, or no connection is free. */
  | { readonly kind: 'denied'; readonly because: 'credentials' | 'connections'; readonly reason: string }
  /** Something answers that is no server which can be managed: another product, or a version too old. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  /** A server answers at its address that is not this instance: see `identify`. */
  | { readonly kind: 'impostor'; readonly serverUuid: string; readonly expected: string; readonly ageMs: number }
  /** Its pod has no address yet: no server of it runs. */
  | { readonly kind: 'unplaced' }
  /** This observer has not got as far as an answer or a failure: it knows nothing. */
  | { readonly kind: 'untried' };

/** What one instance said of itself. */
export interface InstanceView {
  readonly serverUuid: string;
  readonly readOnly: boolean;
  readonly executed: GtidSet;
  readonly purged: GtidSet;
  readonly semiSyncSource: boolean;
  readonly semiSyncWaitFor: number;
  readonly semiSyncReplica: boolean;
  readonly semiSyncClients: number;
  /** Sessions whose commit waits for its acknowledgement. */
  readonly semiSyncWaitSessions: number;
  readonly replication: ReplicationView | null;
  /** Age of the newest heartbeat by this server's own clock; negative if that is behind the writer's. */
  readonly heartbeatAgeMs: number | null;
  /** Its wall clock minus the observer's monotonic one: only the difference between two instances means something. */
  readonly clockOffsetMs: number;
  readonly uptimeMs: number;
}

export interface ReplicationView {
  /** `host:port`, as in `InstanceEvidence.host`. */
  readonly sourceHost: string;
  readonly sourceUuid: string;
  readonly receiver: 'ON' | 'OFF' | 'CONNECTING';
  readonly lastHeardMs: number | null;
  readonly received: GtidSet;
  /** It is in the middle of a transaction. */
  readonly receiving: boolean;
  /** 0 without an error. */
  readonly receiverErrno: number;
  readonly receiverError: string;
  readonly applier: 'ON' | 'OFF';
  readonly applierErrno: number;
  readonly applierError: string;
  /** SOURCE_DELAY: it applies on purpose so much later. */
  readonly delaySeconds: number;
}

/** What the agent beside an instance said last; absent when it does not answer. */
export interface AgentView {
  readonly running: boolean;
  readonly blank: boolean;
  readonly provisioning: 'none' | 'initializing' | 'ready' | 'cloning' | 'saving-errant' | 'failed';
  readonly detail: string;
  readonly diskFull: boolean;
  /** The kernel has turned the file system of the volume read-only. */
  readonly fileSystemReadOnly: boolean;
  /** For how long a write to the volume has not come back; 0 when the last one did. */
  readonly ioStalledMs: number;
  /** For how long mysqld has answered nothing over its socket; 0 when it does, or does not run. */
  readonly hungMs: number;
  /** The agent has had no contact with anything outside for the isolation time-out, and keeps mysqld closed. */
  readonly isolated: boolean;
  /** It crashed as a primary, and its server waits to hear which of its transactions others have; `wait` names that wait. */
  readonly awaiting?: { readonly wait: string; readonly source: string };
}

export interface InstanceEvidence {
  readonly name: string;
  readonly ordinal: number;
  /** What replicas follow it by, `host:port`; the host is its pod's IP, so that no failover waits for DNS. */
  readonly host: string;
  readonly podExists: boolean;
  /** The pod is being deleted, or its ordinal is beyond the wanted number of replicas. */
  readonly leaving: boolean;
  /** The pod is terminating or gone: its server ends within seconds whether it answers now or not. */
  readonly ending: boolean;
  /** Failure domains of the node that it runs on; absent when nobody said. */
  readonly zone?: string;
  readonly region?: string;
  readonly contact: Contact;
  /** As in its view, remembered while it does not answer; absent when it never did. */
  readonly clockOffsetMs?: number;
  readonly agent?: AgentView;
  /** No agent runs beside it, so what takes one is left to people. */
  readonly agentless?: boolean;
  /** The kubelet says that the container of its server has ended. */
  readonly serverEnded: boolean;
  /** Kubernetes has lost its node. */
  readonly nodeLost: boolean;
  /** Transactions that its agent was asked about, and those of them that are proven to change nothing. */
  readonly examined?: { readonly asked: GtidSet; readonly noOps: GtidSet };
  /** How long it has been seen attached to nobody, or nothing has been seen of it; 0 while attached. */
  readonly detachedMs: number;
  /** How long it has been seen open, without having been seen closed; 0 while it is closed. */
  readonly openMs: number;
}

/** What keeps commits of the primary from being acknowledged, and for how long it has, milliseconds. */
export interface AckEvidence {
  /** Fewer semi-sync replicas are connected than commits wait for. */
  readonly shortMs: number;
  /** Commits wait, and none has come through. */
  readonly stalledMs: number;
}

export interface Snapshot {
  readonly wantedReplicas: number;
  readonly durability: Durability;
  readonly readOnly: boolean;
  /** Lag above which an instance stops serving reads, seconds. */
  readonly maxLagSeconds: number;
  readonly policy: Policy;
  /** After so long without any contact an agent has closed its instance. */
  readonly isolationTimeoutMs: number;
  readonly acks: AckEvidence;
  readonly recorded: Recorded;
  readonly instances: readonly InstanceEvidence[];
}

/** The view of an instance that answered, if it did. */
export function viewOf(instance: InstanceEvidence | undefined): InstanceView | undefined {
  return instance?.contact.kind === 'observed' ? instance.contact.view : undefined;
}

/** Everything an instance holds: applied, or received and waiting in its relay log. */
export function heldBy(view: InstanceView): GtidSet {
  return view.replication ? view.executed.union(view.replication.received) : view.executed;
}

export function instanceNamed(snapshot: Snapshot, name: string): InstanceEvidence | undefined {
  return snapshot.instances.find((instance) => instance.name === name);
}
