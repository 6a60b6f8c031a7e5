import { GtidSet } from '@pilotfish/gtid';
import type { Observation, ReplicationObservation } from '@pilotfish/mysql';
import type { InstanceView, ReplicationView } from '@pilotfish/topology';
import { addressOf } from './address.ts';
import { ClockOffset } from './clock-offset.ts';

/** Turns observations of one server into views. GTID sets that did not change are not parsed again. */
export class ObservationReader {
  readonly #executed = new ParsedOnce();
  readonly #purged = new ParsedOnce();
  readonly #received = new ParsedOnce();
  readonly #clock = new ClockOffset();

  /** `askedAtMs` and `answeredAtMs`: monotonic clock of this process around the observation. */
  read(observation: Observation, askedAtMs: number, answeredAtMs: number): InstanceView {
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
      semiSyncWaitSessions: observation.semiSyncWaitSessions,
      heartbeatAgeMs: observation.heartbeatAgeMs,
      clockOffsetMs: this.#clock.note(observation.clockMs, askedAtMs, answeredAtMs),
      uptimeMs: observation.uptimeSeconds * 1_000,
      replication: replication ? this.#readReplication(replication) : null,
    };
  }

  #readReplication(replication: ReplicationObservation): ReplicationView {
    return {
      sourceHost: addressOf(replication.sourceHost, replication.sourcePort),
      sourceUuid: replication.sourceUuid,
      receiver: replication.receiver,
      lastHeardMs: replication.lastHeardMsAgo,
      received: this.#received.parse(replication.received),
      receiving: replication.receiving,
      receiverErrno: replication.receiverErrno,
      receiverError: replication.receiverError,
      applier: replication.applier,
      applierErrno: replication.applierErrno,
      applierError: replication.applierError,
      delaySeconds: replication.delaySeconds,
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
