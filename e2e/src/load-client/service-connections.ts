import { timestampMs } from './timestamp.ts';
import { WriteConnection, type WriteConnections, type WriteTarget } from './write-connection.ts';

const WAIT_MS = 1000;

/**
 * The connection of a client behind a Service. One that a server says no to is kept for a second if that server never took a write on it:
 * the Service leads to the next primary a moment before that opens, and a login for each attempt would take the processor it opens with.
 * A server that took writes and says no is the primary no longer: the client connects anew.
 */
export class ServiceConnections implements WriteConnections {
  #current: { readonly connection: WriteConnection; readonly untilMs: number } | undefined;

  readonly open = async (target: WriteTarget): Promise<WriteConnection> => {
    if (this.#current?.connection.open === true && timestampMs() < this.#current.untilMs)
      return this.#current.connection;
    this.close();
    const connection = await WriteConnection.open(target);
    this.#current = { connection, untilMs: timestampMs() + WAIT_MS };
    return connection;
  };

  readonly refused = (connection: WriteConnection): void => {
    if (connection.hasAcknowledged) connection.close();
  };

  close(): void {
    this.#current?.connection.close();
    this.#current = undefined;
  }
}
