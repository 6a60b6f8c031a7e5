import type { Mysqld } from '@pilotfish/testkit';
import { WriteConnection, type WriteTarget } from '../../load-client/write-connection.ts';
import type { WriteConnections } from '../../load-client/writer.ts';
import { client } from './bench-servers.ts';

const openEveryMs = 250;

export const targetOf = ({ root, port }: Mysqld): WriteTarget => ({ host: root.host, port, ...client });

/** One client's connection to every server, open before it is needed, as drivers that know all hosts keep them. */
export class KeptConnections implements WriteConnections {
  readonly #targets: readonly WriteTarget[];
  readonly #open = new Map<number, WriteConnection>();
  readonly #opening = new Set<number>();
  readonly #timer: NodeJS.Timeout;

  constructor(servers: readonly Mysqld[]) {
    this.#targets = servers.map(targetOf);
    this.#timer = setInterval(() => {
      for (const target of this.#targets) this.#keep(target);
    }, openEveryMs);
  }

  readonly open = async (target: WriteTarget): Promise<WriteConnection> => {
    const kept = this.#open.get(target.port);
    if (kept?.open) return kept;
    const opened = await WriteConnection.open(target);
    this.#open.set(target.port, opened);
    return opened;
  };

  /** A server that is closed now may be the primary later. */
  readonly refused = (): void => undefined;

  close(): void {
    clearInterval(this.#timer);
    for (const connection of this.#open.values()) connection.close();
  }

  #keep(target: WriteTarget): void {
    if (this.#opening.has(target.port)) return;
    this.#opening.add(target.port);
    this.open(target)
      .catch(() => undefined)
      .finally(() => this.#opening.delete(target.port));
  }
}
