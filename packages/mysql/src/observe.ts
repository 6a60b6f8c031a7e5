import type { Deadline } from './endpoint.ts';
import { MysqlError, mysqlErrno } from './mysql-error.ts';
import type { MysqlSession } from './mysql-session.ts';
import type { Observation, ReplicationObservation } from './observation.ts';
import { observationSql } from './observation-sql.ts';

type Row = Readonly<Record<string, unknown>>;

/** How long the absence of something is believed before it is looked for again. */
const recheckMs = 5_000;

/**
 * Observes over one session, and remembers for it what this server lacks: to name a missing table or plugin variable fails the whole statement.
 * An observation is one statement: on a slow network a second one would make a server look silent. Only what turns out to be missing costs one more.
 */
export class Observer {
  readonly #heartbeat = new Capability(mysqlErrno.noSuchTable, mysqlErrno.unknownDatabase);
  readonly #semiSync = new Capability(mysqlErrno.unknownSystemVariable);

  async observe(session: MysqlSession, deadline: Deadline): Promise<Observation> {
    for (;;) {
      const heartbeat = this.#heartbeat.isMissing ? (this.#heartbeat.isDue() ? 'look-for' : 'leave-out') : 'read';
      const semiSync = !this.#semiSync.isMissing || this.#semiSync.isDue();
      try {
        const [row] = await session.query<Row>(observationSql({ heartbeat, semiSync }), [], deadline);
        if (row === undefined) throw new MysqlError('Protocol', 'the observation returned no row');
        if (heartbeat === 'look-for') this.#heartbeat.note(number(row.heartbeat_exists) > 0);
        return observationOf(row);
      } catch (error: unknown) {
        // Each can be found missing once before it is no longer named, so this ends.
        const explained =
          (heartbeat === 'read' && this.#heartbeat.isDeniedBy(error)) || (semiSync && this.#semiSync.isDeniedBy(error));
        if (!explained) throw error;
      }
    }
  }
}

/** Something that a server may have or lack, assumed to be there until an error says otherwise. */
class Capability {
  readonly #denials: readonly number[];
  #missingSince: number | undefined;

  constructor(...denials: readonly number[]) {
    this.#denials = denials;
  }

  get isMissing(): boolean {
    return this.#missingSince !== undefined;
  }

  /** It is time to see whether it is there by now. */
  isDue(): boolean {
    return this.#missingSince !== undefined && performance.now() - this.#missingSince >= recheckMs;
  }

  note(isThere: boolean): void {
    this.#missingSince = isThere ? undefined : performance.now();
  }

  isDeniedBy(error: unknown): boolean {
    if (!(error instanceof MysqlError) || error.errno === undefined || !this.#denials.includes(error.errno))
      return false;
    this.note(false);
    return true;
  }
}

function observationOf(row: Row): Observation {
  return {
    serverUuid: text(row.server_uuid),
    serverId: number(row.server_id),
    version: text(row.version),
    readOnly: number(row.read_only) === 1,
    superReadOnly: number(row.super_read_only) === 1,
    gtidExecuted: withoutLineBreaks(row.gtid_executed),
    gtidPurged: withoutLineBreaks(row.gtid_purged),
    semiSyncSource: isOn(row.semi_sync_source),
    semiSyncWaitFor: number(row.semi_sync_wait_for),
    semiSyncReplica: isOn(row.semi_sync_replica),
    semiSyncClients: number(row.semi_sync_clients),
    semiSyncWaitSessions: number(row.semi_sync_wait_sessions),
    replication: replicationOf(row),
    heartbeatAgeMs: row.heartbeat_age_ms === null ? null : number(row.heartbeat_age_ms),
    uptimeSeconds: number(row.uptime_seconds),
    clockMs: number(row.clock_ms),
  };
}

function replicationOf(row: Row): ReplicationObservation | null {
  // RESET REPLICA ALL leaves no row; a replica that was never configured has none either.
  if (row.source_host === null || text(row.source_host) === '') return null;
  const receiver = text(row.receiver_state);
  return {
    sourceHost: text(row.source_host),
    sourcePort: number(row.source_port),
    sourceUuid: text(row.source_uuid),
    receiver: receiver === 'ON' || receiver === 'CONNECTING' ? receiver : 'OFF',
    lastHeardMsAgo: age(row.last_heard_ms_ago),
    received: withoutLineBreaks(row.received),
    receiving: number(row.receiving) === 1,
    receiverErrno: number(row.receiver_errno),
    receiverError: text(row.receiver_error),
    applier: text(row.applier_state) === 'ON' ? 'ON' : 'OFF',
    applierErrno: number(row.applier_errno),
    applierError: text(row.applier_error),
    delaySeconds: number(row.delay_seconds),
  };
}

/** `@@GLOBAL.x` is 1, the same variable's row in performance_schema is 'ON'. */
function isOn(value: unknown): boolean {
  return value === 1 || value === 'ON';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function number(value: unknown): number {
  return value === null || value === undefined ? 0 : Number(value);
}

/** Never negative: the receiver's thread may stamp its row after the statement took its time. */
function age(value: unknown): number | null {
  return value === null || value === undefined ? null : Math.max(0, Number(value));
}

function withoutLineBreaks(value: unknown): string {
  return text(value).replaceAll('\n', '');
}
