export { type BinaryLog, listBinaryLogs, purgeBinaryLogs, rotateBinaryLog } from './binary-logs.ts';
export { type CloneStatus, cloneFrom, cloneStatus, setValidDonors } from './clone.ts';
export { commitEmptyTransactions } from './empty-transactions.ts';
export type { Deadline, Endpoint } from './endpoint.ts';
export { missingSettings } from './fitness.ts';
export { waitForGtid } from './gtid-wait.ts';
export { type LoggedGtids, loggedGtids } from './logged-gtids.ts';
export { MysqlError, type MysqlErrorKind, mysqlErrno } from './mysql-error.ts';
export { MysqlSession } from './mysql-session.ts';
export type { Observation, ReplicationObservation } from './observation.ts';
export { probe } from './probe.ts';
export { openWrites, setSuperReadOnly } from './read-only.ts';
export {
  moveReceiver,
  pointAt,
  type ReplicationSource,
  resetReplication,
  startApplier,
  startReceiver,
  startReplication,
  stopReceiver,
  stopReplication,
} from './replication.ts';
export {
  disableSemiSyncSource,
  enableSemiSyncReplica,
  enableSemiSyncSource,
  openWithAcks,
  retireSemiSyncSource,
  setSemiSyncWaitFor,
} from './semi-sync.ts';
export type { SqlSession } from './sql-session.ts';
export { StatementLog } from './statement-log.ts';
export { endSessions, killSession, killUserSessions } from './user-sessions.ts';
