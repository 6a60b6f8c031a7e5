import { MysqlSession } from '@pilotfish/mysql';
import { eventually } from '@pilotfish/testkit';
import type { MysqlFleet } from './mysql-fleet.ts';

/** Writers that insert through whichever server lets them, and remember what was acknowledged when. */
export class WriteLoad {
  readonly #fleet: MysqlFleet;
  readonly #times: { id: number; at: number }[] = [];
  readonly #end = new AbortController();
  readonly #writers: Promise<void>[];
  #next = 1;
  server = '';

  constructor(fleet: MysqlFleet) {
    this.#fleet = fleet;
    this.#writers = [this.#write(), this.#write(), this.#write()];
  }

  get count(): number {
    return this.#times.length;
  }

  get lastAcknowledgedAt(): number {
    return this.#times.at(-1)?.at ?? 0;
  }

  async acknowledged(count: number): Promise<void> {
    await eventually(() => this.count >= count, {
      deadlineMs: 20_000,
      describe: `${String(count)} acknowledged writes`,
    });
  }

  /** The longest time between two acknowledgements, of those that end after `since`. */
  longestGapSince(since: number): number {
    let longest = 0;
    this.#times.forEach(({ at }, index) => {
      const before = this.#times[index - 1];
      if (before && at > since) longest = Math.max(longest, at - before.at);
    });
    return longest;
  }

  /** Acknowledged ids that the primary does not have. */
  async lost(): Promise<number[]> {
    // Of before the question: writers may go on.
    const acknowledged = this.#times.map(({ id }) => id);
    const rows = await this.#fleet.query(this.#fleet.primary, 'SELECT id FROM app.t');
    const present = new Set(rows.map((row) => row.id));
    return acknowledged.filter((id) => !present.has(id));
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#writers);
  }

  async #write(): Promise<void> {
    let session: MysqlSession | undefined;
    while (!this.#end.signal.aborted) {
      session = await this.#writeOnce(session);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    session?.destroy();
  }

  /** @returns the session that goes on being used; none after a failure */
  async #writeOnce(kept: MysqlSession | undefined): Promise<MysqlSession | undefined> {
    const name = this.#fleet.store.topology?.writable ? this.#fleet.primary : '';
    let session = kept;
    try {
      session ??= await MysqlSession.connect(this.#fleet.server(name).root, { deadlineMs: 500 });
      const id = this.#next++;
      await session.query('INSERT INTO app.t VALUES (?)', [id], { deadlineMs: 800 });
      this.#times.push({ id, at: performance.now() });
      this.server = name;
      return session;
    } catch {
      session?.destroy();
      return undefined;
    }
  }
}
