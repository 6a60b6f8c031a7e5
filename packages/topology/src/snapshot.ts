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
  readonly operation?: RecordedOperation;
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
  | { readonly kind: 'denied'; readonly reason: string }
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
  readonly replication: ReplicationView | null;
  readonly heartbeatAgeMs: number | null;
}

export interface ReplicationView {
  readonly sourceHost: string;
  readonly sourceUuid: string;
  readonly receiver: 'ON' | 'OFF' | 'CONNECTING';
  readonly lastHeardMs: number | null;
  readonly received: GtidSet;
  readonly receiverError: string;
  readonly applier: 'ON' | 'OFF';
  readonly applierErrno: number;
  readonly applierError: string;
}

/** What the agent beside an instance said last; absent when it does not answer. */
export interface AgentView {
  readonly running: boolean;
  readonly blank: boolean;
  readonly provisioning: 'none' | 'initializing' | 'ready' | 'cloning' | 'saving-errant' | 'failed';
  readonly detail: string;
  readonly diskFull: boolean;
}

export interface InstanceEvidence {
  readonly name: string;
  readonly ordinal: number;
  /** The address that replicas follow it by: its pod's IP, so that no failover waits for DNS. */
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
  readonly agent?: AgentView;
  /** How long it has been seen attached to nobody, or nothing has been seen of it; 0 while attached. */
  readonly detachedMs: number;
}

export interface Snapshot {
  readonly wantedReplicas: number;
  readonly durability: Durability;
  readonly readOnly: boolean;
  /** Lag above which an instance stops serving reads, seconds. */
  readonly maxLagSeconds: number;
  readonly policy: Policy;
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
