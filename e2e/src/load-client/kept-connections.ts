import { WriteConnection, type WriteConnections, type WriteTarget } from './write-connection.ts';

/** One client's connection to each target, kept when a server says no: one that is closed now may be the primary later. */
export class KeptConnections implements WriteConnections {
  readonly #kept = new Map<string, WriteConnection>();

  readonly open = async (target: WriteTarget): Promise<WriteConnection> => {
    const key = `${target.host}:${String(target.port)}`;
    const kept = this.#kept.get(key);
    if (kept?.open) return kept;
    const opened = await WriteConnection.open(target);
    this.#kept.set(key, opened);
    return opened;
  };

  readonly refused = (): void => undefined;

  close(): void {
    for (const connection of this.#kept.values()) connection.close();
  }
}
