import { createConnection } from 'mysql2';
import { z } from 'zod';

export interface SqlAccount {
  readonly user: string;
  readonly password: string;
}

const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 20_000;

/** Runs one statement on a connection of its own and returns the rows. Throws on any error and on a time-out. */
export async function runSql(
  host: string,
  account: SqlAccount,
  sql: string,
  values: readonly unknown[] = [],
): Promise<unknown[]> {
  const connection = createConnection({ host, port: 3306, ...account, connectTimeout: CONNECT_TIMEOUT_MS });
  connection.on('error', () => undefined);
  try {
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`no answer from ${host} within ${STATEMENT_TIMEOUT_MS} ms: ${sql}`));
      }, STATEMENT_TIMEOUT_MS);
      connection.query(sql, [...values], (error, result: unknown) => {
        clearTimeout(timer);
        if (error === null) resolve(Array.isArray(result) ? result : []);
        else reject(error);
      });
    });
  } finally {
    connection.destroy();
  }
}

/** The ids of all rows that the writers left in a table. */
export async function readIds(host: string, account: SqlAccount, table: string): Promise<Set<string>> {
  const rows = z
    .array(z.object({ id: z.string() }))
    .parse(await runSql(host, account, `SELECT CONCAT(client, ':', seq) AS id FROM ${table}`));
  return new Set(rows.map(({ id }) => id));
}

/** The texts of the lists that the appenders left in a table, by number. */
export async function readLists(host: string, account: SqlAccount, table: string): Promise<Map<number, string>> {
  const rows = z
    .array(z.object({ list: z.number(), items: z.string() }))
    .parse(await runSql(host, account, `SELECT list, items FROM ${table}`));
  return new Map(rows.map(({ list, items }) => [list, items]));
}
