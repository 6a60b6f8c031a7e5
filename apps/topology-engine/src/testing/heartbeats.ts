import { MysqlSession } from '@pilotfish/mysql';
import type { MysqlFleet } from './mysql-fleet.ts';

const everyMs = 250;

/** What the agents of a cluster do: a heartbeat on whoever is the primary, by its own clock. */
export class Heartbeats {
  readonly #fleet: MysqlFleet;
  readonly #end = new AbortController();
  readonly #beating: Promise<void>;

  private constructor(fleet: MysqlFleet) {
    this.#fleet = fleet;
    this.#beating = this.#beat();
  }

  static async start(fleet: MysqlFleet): Promise<Heartbeats> {
    await makeHeartbeatTable(fleet);
    return new Heartbeats(fleet);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    let [session, of]: [MysqlSession | undefined, string] = [undefined, ''];
    while (!this.#end.signal.aborted) {
      try {
        const { primary } = this.#fleet;
        if (primary !== of) session?.destroy();
        if (primary !== of || !session)
          session = await MysqlSession.connect(this.#fleet.server(primary).root, deadline);
        of = primary;
        await session.query(beatSql(0), [], deadline);
        await session.query('DELETE FROM sys_operator.heartbeat WHERE server_id <> @@server_id', [], deadline);
      } catch {
        session?.destroy();
        session = undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    session?.destroy();
  }
}

const deadline = { deadlineMs: 1_000 };

/** As the agent of the first primary makes it. */
export async function makeHeartbeatTable(fleet: MysqlFleet): Promise<void> {
  await fleet.query(fleet.primary, 'CREATE DATABASE IF NOT EXISTS sys_operator');
  await fleet.query(
    fleet.primary,
    'CREATE TABLE sys_operator.heartbeat (ts VARCHAR(26) NOT NULL, server_id INT UNSIGNED NOT NULL PRIMARY KEY)',
  );
}

/** A heartbeat as if it had been written so many seconds ago. */
export function beatSql(secondsAgo: number): string {
  const at = `UTC_TIMESTAMP(6) - INTERVAL ${String(secondsAgo)} SECOND`;
  return `REPLACE INTO sys_operator.heartbeat VALUES (DATE_FORMAT(${at}, '%Y-%m-%dT%H:%i:%s.%f'), @@server_id)`;
}
