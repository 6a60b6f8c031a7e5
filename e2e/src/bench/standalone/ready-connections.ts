import type { Mysqld } from '@pilotfish/testkit';
import { KeptConnections } from '../../load-client/kept-connections.ts';
import type { WriteTarget } from '../../load-client/write-connection.ts';
import { client } from './bench-servers.ts';

const openEveryMs = 250;

export const targetOf = ({ root, port }: Mysqld): WriteTarget => ({ host: root.host, port, ...client });

/** One client's connections to every server, open before they are needed, as drivers that know all hosts keep them. */
export class ReadyConnections extends KeptConnections {
  readonly #opening = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(servers: readonly Mysqld[]) {
    super();
    this.#timer = setInterval(() => {
      for (const server of servers) this.#keepReady(targetOf(server));
    }, openEveryMs);
  }

  override close(): void {
    clearInterval(this.#timer);
    super.close();
  }

  #keepReady(target: WriteTarget): void {
    if (this.#opening.has(target.port)) return;
    this.#opening.add(target.port);
    this.open(target)
      .catch(() => undefined)
      .finally(() => this.#opening.delete(target.port));
  }
}
