import { GtidSet } from '@pilotfish/gtid';
import type { Observation, ReplicationObservation } from '@pilotfish/mysql';
import type { InstanceView, ReplicationView } from '@pilotfish/topology';

/** Turns observations of one server into views. GTID sets that did not change are not parsed again. */
export class ObservationReader {
  readonly #executed = new ParsedOnce();
  readonly #purged = new ParsedOnce();
  readonly #received = new ParsedOnce();

  read(observation: Observation): InstanceView {
    const { replication } = observation;
    return {
      serverUuid: observation.serverUuid,
      readOnly: observation.readOnly,
      executed: this.#executed.parse(observation.gtidExecuted),
      purged: this.#purged.parse(observation.gtidPurged),
      semiSyncSource: observation.semiSyncSource,
      semiSyncWaitFor: observation.semiSyncWaitFor,
      semiSyncReplica: observation.semiSyncReplica,
      semiSyncClients: observation.semiSyncClients,
      heartbeatAgeMs: observation.heartbeatAgeMs,
      replication: replication ? this.#readReplication(replication) : null,
    };
  }

  #readReplication(replication: ReplicationObservation): ReplicationView {
    return {
      sourceHost: replication.sourceHost,
      sourceUuid: replication.sourceUuid,
      receiver: replication.receiver,
      lastHeardMs: replication.lastHeardMsAgo,
      received: this.#received.parse(replication.received),
      receiverError: replication.receiverError,
      applier: replication.applier,
      applierErrno: replication.applierErrno,
      applierError: replication.applierError,
    };
  }
}

class ParsedOnce {
  #text = '';
  #set = GtidSet.empty;

  parse(text: string): GtidSet {
    if (text !== this.#text) {
      this.#set = GtidSet.parse(text);
      this.#text = text;
    }
    return this.#set;
  }
}
