import type { MysqlFleet } from './mysql-fleet.ts';

export interface Said {
  readonly who: string;
  /** By the server's clock, milliseconds. */
  readonly at: number;
  readonly statement: string;
}

/** From now on these servers note what they are told. */
export async function noteStatements(fleet: MysqlFleet, names: readonly string[]): Promise<void> {
  for (const name of names) await fleet.query(name, "SET GLOBAL log_output = 'TABLE', general_log = ON");
}

/** What these users told a server, the earliest first. */
export async function saidBy(fleet: MysqlFleet, name: string, users: readonly string[]): Promise<Said[]> {
  const rows = await fleet.query(
    name,
    `SELECT ROUND(UNIX_TIMESTAMP(event_time) * 1000) AS at, user_host AS who, CONVERT(argument USING utf8mb4) AS said
       FROM mysql.general_log WHERE command_type = 'Query' ORDER BY event_time`,
  );
  return rows
    .map(({ at, who, said }) => ({
      at: Number(at),
      who: String(who).split('[')[0] ?? '',
      statement: String(said).trim(),
    }))
    .filter(({ who }) => users.includes(who));
}

export async function serverTime(fleet: MysqlFleet, name: string): Promise<number> {
  const [row] = await fleet.query(name, 'SELECT ROUND(UNIX_TIMESTAMP(NOW(6)) * 1000) AS now');
  return Number(row?.now);
}
