/**
 * Why a call failed, in terms of what to do about it.
 *
 * - Unreachable: no TCP connection within the deadline, or the network says there is no way (host down, name unknown).
 * - Refused: the host answers, nothing listens on the port (or at the socket): mysqld does not run.
 * - AuthFailed: mysqld runs and does not let this user in from here.
 * - Timeout: connected, but no answer within the deadline (mysqld hangs or is overloaded), or a lock was not had in time (errno 1205; the session lives).
 * - TooManyConnections: mysqld or the account is at its limit; it is alive.
 * - ReadOnly: a write to a read-only server.
 * - Unsupported: mysqld runs, and is none that we manage: too old, another product, or without what we need of it.
 * - Protocol: the two sides do not understand each other (no TLS, no MySQL).
 * - Sql: the server refused the statement; see errno.
 * - Closed: the connection ended under the call (mysqld died or was stopped, the session was killed or destroyed).
 */
export type MysqlErrorKind =
  | 'Unreachable'
  | 'Refused'
  | 'AuthFailed'
  | 'Timeout'
  | 'TooManyConnections'
  | 'ReadOnly'
  | 'Unsupported'
  | 'Protocol'
  | 'Sql'
  | 'Closed';

export class MysqlError extends Error {
  override readonly name = 'MysqlError';
  readonly kind: MysqlErrorKind;
  /** The server's error number, where the server said something. */
  readonly errno?: number;

  constructor(kind: MysqlErrorKind, message: string, options: { errno?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    if (options.errno !== undefined) this.errno = options.errno;
  }

  static from(error: unknown): MysqlError {
    if (error instanceof MysqlError) return error;
    const { message, code, errno } = errorParts(error);
    const kind = kindOf(code, errno, message);
    // Errors of the socket have negative numbers (libuv's). A server's error is not kept as the cause: mysql2 hangs the statement on it, with its passwords.
    return errno !== undefined && errno > 0
      ? new MysqlError(kind, message, { errno })
      : new MysqlError(kind, message, { cause: error });
  }
}

/** Server error numbers that callers decide on. */
export const mysqlErrno = {
  unknownDatabase: 1049,
  noSuchThread: 1094,
  noSuchTable: 1146,
  unknownSystemVariable: 1193,
  restartFailedNotSupervised: 3707,
} as const;

const kindByErrno: Readonly<Record<number, MysqlErrorKind>> = {
  1040: 'TooManyConnections', // ER_CON_COUNT_ERROR
  1203: 'TooManyConnections', // ER_TOO_MANY_USER_CONNECTIONS
  1226: 'TooManyConnections', // ER_USER_LIMIT_REACHED
  1044: 'AuthFailed', // ER_DBACCESS_DENIED_ERROR
  1045: 'AuthFailed', // ER_ACCESS_DENIED_ERROR
  1129: 'AuthFailed', // ER_HOST_IS_BLOCKED
  1130: 'AuthFailed', // ER_HOST_NOT_PRIVILEGED
  1698: 'AuthFailed', // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  1862: 'AuthFailed', // ER_MUST_CHANGE_PASSWORD_LOGIN
  3118: 'AuthFailed', // ER_ACCOUNT_HAS_BEEN_LOCKED
  1205: 'Timeout', // ER_LOCK_WAIT_TIMEOUT
  1792: 'ReadOnly', // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  1836: 'ReadOnly', // ER_READ_ONLY_MODE
  1053: 'Closed', // ER_SERVER_SHUTDOWN
  1927: 'Closed', // ER_CONNECTION_KILLED
  3169: 'Closed', // ER_SESSION_WAS_KILLED
  4031: 'Closed', // ER_CLIENT_INTERACTION_TIMEOUT
};

const kindByCode: Readonly<Record<string, MysqlErrorKind>> = {
  ECONNREFUSED: 'Refused',
  ENOENT: 'Refused', // the unix socket's file is not there
  EHOSTUNREACH: 'Unreachable',
  EHOSTDOWN: 'Unreachable',
  ENETUNREACH: 'Unreachable',
  ENETDOWN: 'Unreachable',
  ETIMEDOUT: 'Unreachable',
  ENOTFOUND: 'Unreachable',
  EAI_AGAIN: 'Unreachable',
  EADDRNOTAVAIL: 'Unreachable',
  ECONNRESET: 'Closed',
  EPIPE: 'Closed',
  PROTOCOL_CONNECTION_LOST: 'Closed',
};

function kindOf(code: string, errno: number | undefined, message: string): MysqlErrorKind {
  const byCode = kindByCode[code];
  if (byCode !== undefined) return byCode;
  if (errno === undefined || errno <= 0) return 'Protocol';
  // ER_OPTION_PREVENTS_STATEMENT: "… is running with the --super-read-only option", but also --secure-file-priv and others.
  if (errno === 1290) return message.includes('read-only') ? 'ReadOnly' : 'Sql';
  return kindByErrno[errno] ?? 'Sql';
}

/** By shape and not by class: an error of Node's own may come from another realm (test runners, workers). */
function errorParts(error: unknown): { message: string; code: string; errno: number | undefined } {
  if (typeof error !== 'object' || error === null) return { message: String(error), code: '', errno: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const errno = 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  // Node's "connect to all addresses failed" (AggregateError) has an empty message.
  return { message: message === '' ? code : message, code, errno };
}
