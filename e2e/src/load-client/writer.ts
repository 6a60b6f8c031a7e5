import { setTimeout as sleep } from 'node:timers/promises';
import { timestampMs } from './timestamp.ts';
import { nextTurn } from './turns.ts';
import { errorCode, WriteConnection, type WriteConnections, type WriteTarget } from './write-connection.ts';
import type { WriteRecord } from './write-record.ts';

export interface WriterOptions {
  readonly client: number;
  /** Asked before each connection, so that a target can move. Undefined: there is none at present. */
  readonly target: () => WriteTarget | undefined;
  /** Table with the integer columns client and seq. */
  readonly table: string;
  /** Before its first write. Default: 0. */
  readonly delayMs?: number;
  /** Time between the beginnings of two writes. */
  readonly intervalMs: number;
  /** Pause after a refusal or a failed connection. */
  readonly retryMs: number;
  /** The same after the first since an acknowledgement. Default: retryMs. */
  readonly firstRetryMs?: number;
  readonly record: (record: WriteRecord) => void;
  /** Absent: a new one each time. */
  readonly connections?: WriteConnections;
}

const fresh: WriteConnections = {
  open: (target) => WriteConnection.open(target),
  refused: (connection) => connection.close(),
};

/**
 * One client of the database: a connection, one write at a time, each with an id of its own that is never tried again.
 * It asks for a connection again when it loses its own, and after a refusal: that is how a client behind a Service finds the new primary.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #connections: WriteConnections;
  #connection: WriteConnection | undefined;
  #seq = 0;
  #failures = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#connections = options.connections ?? fresh;
  }

  /** Writes until the signal is aborted and the write in flight has its answer. */
  async run(signal: AbortSignal): Promise<void> {
    const { delayMs = 0, intervalMs } = this.#options;
    const firstMs = timestampMs() + delayMs;
    await pause(delayMs, signal);
    for (let turn = 0; !signal.aborted; ) {
      this.#failures = (await this.#writeOnce()) ? 0 : this.#failures + 1;
      turn = nextTurn(turn, timestampMs() - firstMs, intervalMs);
      await pause(this.#failures > 0 ? this.#retryMs : firstMs + turn * intervalMs - timestampMs(), signal);
    }
    this.#connection?.close();
  }

  get #retryMs(): number {
    const { retryMs, firstRetryMs = retryMs } = this.#options;
    return this.#failures === 1 ? firstRetryMs : retryMs;
  }

  async #writeOnce(): Promise<boolean> {
    const { client, record, table } = this.#options;
    const startedMs = timestampMs();
    const connection = await this.#connect(startedMs);
    if (connection === undefined) return false;
    const seq = this.#seq++;
    const sentMs = timestampMs();
    const { outcome, error } = await connection.write(`INSERT INTO ${table} (client, seq) VALUES (?, ?)`, [
      client,
      seq,
    ]);
    record({ client, seq, startedMs: sentMs, endedMs: timestampMs(), outcome, server: connection.server, error });
    if (outcome === 'acknowledged') return true;
    this.#connection = undefined;
    if (outcome === 'refused') this.#connections.refused(connection);
    else connection.close();
    return false;
  }

  async #connect(startedMs: number): Promise<WriteConnection | undefined> {
    if (this.#connection?.open === true) return this.#connection;
    const target = this.#options.target();
    if (target === undefined) return undefined;
    try {
      this.#connection = await this.#connections.open(target);
      return this.#connection;
    } catch (error) {
      const { client, record } = this.#options;
      const seq = this.#seq++;
      record({
        client,
        seq,
        startedMs,
        endedMs: timestampMs(),
        outcome: 'refused',
        server: '',
        error: errorCode(error),
      });
      return undefined;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
}
