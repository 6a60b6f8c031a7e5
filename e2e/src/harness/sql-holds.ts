import { type Connection, createConnection } from 'mysql2';
import type { SqlAccount } from './sql-access.ts';
import { expectThat } from './wait-for.ts';

/** Opens a connection, runs statements in it and keeps it, with the locks that it holds. Returns what closes it. */
export async function keepSession(host: string, account: SqlAccount, ...statements: string[]): Promise<() => void> {
  const connection = createConnection({ host, port: 3306, ...account, connectTimeout: 5_000 });
  connection.on('error', () => undefined);
  const close = (): void => connection.destroy();
  try {
    for (const sql of statements) await query(connection, sql);
    return close;
  } catch (error) {
    close();
    throw error;
  }
}

/** Opens connections until the server takes no more. Returns what closes them. */
export async function exhaustConnections(host: string, account: SqlAccount): Promise<() => void> {
  const closers: (() => void)[] = [];
  const closeAll = (): void => {
    for (const close of closers) close();
  };
  for (let count = 0; count < MOST_CONNECTIONS; count += 1) {
    try {
      closers.push(await keepSession(host, account, 'DO 1'));
    } catch {
      expectThat(closers.length > 0, `${host} took no connection at all`);
      return closeAll;
    }
  }
  closeAll();
  throw new Error(`${host} still takes connections after ${MOST_CONNECTIONS}`);
}

const MOST_CONNECTIONS = 2_000;

function query(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, timeout: 20_000 }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
