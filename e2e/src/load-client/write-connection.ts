import { type Connection, createConnection } from 'mysql2';
import { z } from 'zod';
import type { WriteOutcome } from './write-record.ts';

export interface WriteTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export interface Answer {
  readonly outcome: WriteOutcome;
  readonly error: string;
}

const CONNECT_TIMEOUT_MS = 500;
const QUERY_TIMEOUT_MS = 1000;

/** Where a client has its connections from. */
export interface WriteConnections {
  readonly open: (target: WriteTarget) => Promise<WriteConnection>;
  /** The server has said no to it. */
  readonly refused: (connection: WriteConnection) => void;
}

/** A connection that gives up quickly and knows which server it leads to. After any answer but an acknowledgement or a refusal it is closed. */
export class WriteConnection {
  readonly server: string;
  readonly #connection: Connection;
  #open = true;
  #hasAcknowledged = false;

  private constructor(connection: Connection, server: string) {
    this.#connection = connection;
    this.server = server;
    const closed = (): void => {
      this.#open = false;
    };
    connection.on('error', closed);
    connection.on('end', closed);
  }

  /** Throws when the server says no, or can't be reached in that time (and a second for its identity). */
  static async open(target: WriteTarget, connectTimeoutMs = CONNECT_TIMEOUT_MS): Promise<WriteConnection> {
    const connection = createConnection({ ...target, connectTimeout: connectTimeoutMs });
    // Without a listener, an error of a connection that nobody waits for ends the process.
    connection.on('error', () => undefined);
    try {
      await withDeadline(connected(connection), connectTimeoutMs);
      const rows = identity.parse(
        await withDeadline(execute(connection, 'SELECT @@server_uuid AS server'), QUERY_TIMEOUT_MS),
      );
      return new WriteConnection(connection, rows[0].server);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  get open(): boolean {
    return this.#open;
  }

  /** Whether a write was acknowledged on it. */
  get hasAcknowledged(): boolean {
    return this.#hasAcknowledged;
  }

  /** Runs one autocommitted statement and says what became of it; never throws. */
  async write(sql: string, values: readonly (number | string)[]): Promise<Answer> {
    try {
      await withDeadline(execute(this.#connection, sql, values), QUERY_TIMEOUT_MS);
      this.#hasAcknowledged = true;
      return { outcome: 'acknowledged', error: '' };
    } catch (error) {
      const answer = classify(error);
      if (answer.outcome === 'unknown' || errorFields(error).fatal === true) this.close();
      return answer;
    }
  }

  /** Runs a read and returns its rows; throws when it fails or takes longer than a second. */
  async read(sql: string, values: readonly number[]): Promise<unknown> {
    return await withDeadline(execute(this.#connection, sql, values), QUERY_TIMEOUT_MS);
  }

  close(): void {
    this.#open = false;
    this.#connection.destroy();
  }
}

/** An error that carries a positive errno came from the server: it said no. Everything else leaves open what the server did. */
export function classify(error: unknown): Answer {
  const { errno } = errorFields(error);
  if (errno !== undefined && errno > 0) return { outcome: 'refused', error: String(errno) };
  return { outcome: 'unknown', error: errorCode(error) };
}

/** A short name of an error: the server's number, else the code, else the message. */
export function errorCode(error: unknown): string {
  const { errno, code, message } = errorFields(error);
  if (errno !== undefined && errno > 0) return String(errno);
  return code ?? message ?? String(error);
}

const errorShape = z.object({
  errno: z.number().optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  fatal: z.boolean().optional(),
});

function errorFields(error: unknown): z.infer<typeof errorShape> {
  return errorShape.safeParse(error).data ?? {};
}

const identity = z.tuple([z.object({ server: z.string() })]);

function connected(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function execute(connection: Connection, sql: string, values: readonly (number | string)[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query(sql, [...values], (error, result: unknown) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'TIMEOUT';
}

async function withDeadline<T>(operation: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(`no answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([operation, deadline]);
  } finally {
    clearTimeout(timer);
    // The loser of the race ends when its connection is destroyed; its error is nobody's then.
    operation.catch(() => undefined);
  }
}
