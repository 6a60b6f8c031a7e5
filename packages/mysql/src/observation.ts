/** What one statement said about a server, at one moment. */
export interface Observation {
  readonly serverUuid: string;
  readonly serverId: number;
  readonly version: string;
  readonly readOnly: boolean;
  readonly superReadOnly: boolean;
  readonly gtidExecuted: string;
  readonly gtidPurged: string;
  /** Commits wait for acknowledgements, before anybody sees them and without a fall-back, as `enableSemiSyncSource` has it; false without the plugin. */
  readonly semiSyncSource: boolean;
  /** How many acknowledgements a commit waits for; 0 without the plugin. */
  readonly semiSyncWaitFor: number;
  /** rpl_semi_sync_replica_enabled; false without the plugin. */
  readonly semiSyncReplica: boolean;
  /** Semi-sync replicas that are connected to this server now. */
  readonly semiSyncClients: number;
  /** Sessions whose commit waits for its acknowledgement now. */
  readonly semiSyncWaitSessions: number;
  /** The default channel; null if no source is configured. */
  readonly replication: ReplicationObservation | null;
  /** Age of the newest row of sys_operator.heartbeat by this server's clock, negative if that is behind the writer's; null without such a table or row. */
  readonly heartbeatAgeMs: number | null;
  readonly uptimeSeconds: number;
  /** Its wall clock, milliseconds since 1970. */
  readonly clockMs: number;
}

export interface ReplicationObservation {
  readonly sourceHost: string;
  readonly sourcePort: number;
  /** Empty until the receiver has been connected once. */
  readonly sourceUuid: string;
  readonly receiver: 'ON' | 'OFF' | 'CONNECTING';
  /** Since the last heartbeat or transaction came from the source, by this server's clock; null if nothing ever came. */
  readonly lastHeardMsAgo: number | null;
  /** RECEIVED_TRANSACTION_SET: what is in the relay log or was, executed or not. */
  readonly received: string;
  /** The receiver is in the middle of a transaction. */
  readonly receiving: boolean;
  /** 0 without an error. */
  readonly receiverErrno: number;
  readonly receiverError: string;
  readonly applier: 'ON' | 'OFF';
  /** 0 without an error. */
  readonly applierErrno: number;
  readonly applierError: string;
  /** SOURCE_DELAY. */
  readonly delaySeconds: number;
}
