import { connect as connectSocket, type Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import { connectionOptions } from './connection-options.ts';
import type { Deadline, Endpoint } from './endpoint.ts';
import { MysqlError } from './mysql-error.ts';
import type { Observation } from './observation.ts';
import { Observer } from './observe.ts';
import { PendingCall } from './pending-call.ts';
import { unsupportedGreeting } from './server-greeting.ts';
import type { SqlSession } from './sql-session.ts';

/**
 * One lasting connection. It never reconnects: when `closed` resolves, its owner decides what that means.
 *
 * Calls queue one behind the other, and a deadline includes the time in the queue. A call that runs into its deadline has destroyed the session
 * (nobody can know what the connection's next bytes belong to); the server may go on with the statement, but not beyond a lock (5 s).
 */
export class MysqlSession implements SqlSession {
  readonly endpoint: Endpoint;
  /**
   * Resolves the moment the socket ends: milliseconds after mysqld is killed, whether or not a call is under way.
   * With an error if the other side or the network ended it, with undefined after destroy().
   */
  readonly closed: Promise<Error | undefined>;
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #observer = new Observer();
  readonly #calls = new Set<{ fail(error: MysqlError): void }>();
  #isClosed = false;
  #resolveClosed: (error: Error | undefined) => void = () => undefined;

  private constructor(endpoint: Endpoint, connection: Connection, socket: Socket) {
    this.endpoint = endpoint;
    this.#connection = connection;
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const lost = (cause?: Error): void => {
      this.#close(MysqlError.from(cause ?? new MysqlError('Closed', 'the server closed the connection')));
    };
    connection.on('error', lost);
    connection.on('end', () => {
      lost();
    });
    socket.on('error', lost);
    socket.on('close', () => {
      lost();
    });
  }

  /**
   * Connects (TLS) and logs in, unless the server is none that we manage. One deadline for all of it.
   * @throws MysqlError of any kind but ReadOnly
   */
  static async connect(endpoint: Endpoint, deadline: Deadline): Promise<MysqlSession> {
    const { socketPath, host, port } = endpoint;
    const socket = connectSocket(socketPath === undefined ? { host, port, noDelay: true } : { path: socketPath });
    // Before mysql2 listens, which would answer the greeting.
    socket.once('data', (packet: Uint8Array) => {
      const reason = unsupportedGreeting(packet);
      if (reason !== undefined) session.#close(new MysqlError('Unsupported', reason));
    });
    const session = new MysqlSession(endpoint, createConnection(connectionOptions(endpoint, socket)), socket);
    try {
      // mysql2 sends it right after its own handshake, so this is also the wait for the login.
      await session.query(sessionSettings, [], deadline);
      return session;
    } catch (error: unknown) {
      const noTcp =
        error instanceof MysqlError && error.kind === 'Timeout' && socket.bytesRead === 0 && socket.connecting;
      session.destroy();
      throw noTcp ? new MysqlError('Unreachable', `no TCP connection within ${deadline.deadlineMs} ms`) : error;
    }
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The server's id of this connection, for KILL. */
  get threadId(): number {
    return this.#connection.threadId;
  }

  /**
   * Runs one statement; `?` in it stand for `params`, escaped here. Rows of statements that return none are an empty list.
   *
   * 64-bit integers beyond 2^53 come as strings, dates and times as strings in UTC.
   * @throws MysqlError
   */
  async query<Row = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[],
    deadline: Deadline,
  ): Promise<Row[]> {
    if (this.#isClosed) throw new MysqlError('Closed', 'the session is closed');
    const call = new PendingCall<Row[]>(sql, deadline, (error) => {
      this.#close(error);
    });
    this.#calls.add(call);
    this.#connection.query({ sql, values: [...params] }, (error: unknown, rows: unknown) => {
      if (error === null || error === undefined) call.succeed(Array.isArray(rows) ? (rows as Row[]) : []);
      else call.fail(MysqlError.from(error));
    });
    try {
      return await call.result;
    } finally {
      this.#calls.delete(call);
    }
  }

  /** Everything the topology engine wants to know of a server, in one statement of one row. @throws MysqlError */
  async observe(deadline: Deadline): Promise<Observation> {
    return await this.#observer.observe(this, deadline);
  }

  /** Ends the connection at once; calls under way fail with Closed. Idempotent. */
  destroy(): void {
    this.#close(undefined);
  }

  #close(error: MysqlError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // mysql2's destroy() is a polite end() and waits for the peer, which a hung one never answers: the socket goes too.
    this.#connection.destroy();
    this.#socket.destroy();
    const reason = error ?? new MysqlError('Closed', 'the session was destroyed');
    for (const call of this.#calls) call.fail(reason);
    this.#resolveClosed(error);
  }
}

/**
 * UTC, so that no arithmetic on the server's times meets a daylight-saving change; and statements that a lock holds up end by themselves after 5 s
 * (the default is a year), instead of taking effect long after their caller gave up.
 */
const sessionSettings = "SET time_zone = '+00:00', lock_wait_timeout = 5, innodb_lock_wait_timeout = 5";
