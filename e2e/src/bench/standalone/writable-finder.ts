import type { Mysqld } from '@pilotfish/testkit';
import { type Connection, createConnection } from 'mysql2/promise';
import type { WriteTarget } from '../../load-client/write-connection.ts';
import { client } from './bench-servers.ts';
import { targetOf } from './ready-connections.ts';

const lookMs = 15;
const freshMs = 60;
/** Looks only while a client seeks: for so long after it was asked. */
const askedMs = 500;

/** What a client without a proxy does: asks every server every 15 ms which of them takes writes. */
export class WritableFinder {
  readonly #servers: readonly Mysqld[];
  readonly #connections = new Map<Mysqld, Connection>();
  readonly #busy = new Set<Mysqld>();
  readonly #timer: NodeJS.Timeout;
  #found: { server: Mysqld; at: number } | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(servers: readonly Mysqld[]) {
    this.#servers = servers;
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  target(): WriteTarget | undefined {
    this.#askedAt = performance.now();
    const found = this.#found;
    if (!found || this.#askedAt - found.at > freshMs) return undefined;
    return targetOf(found.server);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const connection of this.#connections.values()) connection.destroy();
  }

  #look(): void {
    if (performance.now() - this.#askedAt > askedMs) return;
    for (const server of this.#servers) {
      if (this.#busy.has(server)) continue;
      this.#busy.add(server);
      this.#ask(server)
        .catch(() => {
          this.#connections.get(server)?.destroy();
          this.#connections.delete(server);
        })
        .finally(() => this.#busy.delete(server));
    }
  }

  async #connect(server: Mysqld): Promise<Connection> {
    const connection = await createConnection({ ...server.root, ...client, connectTimeout: 500 });
    connection.on('error', () => undefined);
    this.#connections.set(server, connection);
    return connection;
  }

  async #ask(server: Mysqld): Promise<void> {
    const connection = this.#connections.get(server) ?? (await this.#connect(server));
    const [rows] = await connection.query({ sql: 'SELECT @@GLOBAL.read_only', rowsAsArray: true });
    if ((rows as number[][])[0]?.[0] === 0) this.#found = { server, at: performance.now() };
  }
}
