import type { MysqlSession } from '@pilotfish/mysql';
import { createAccount, whileSuperuserMayWrite } from './accounts.ts';

/** What the first primary of a cluster gets, from the user's Secret. */
export interface InitialData {
  readonly rootPassword: string;
  /** An application's account and database; each may be missing. */
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

const deadline = { deadlineMs: 10_000 };

/** Columns as pt-heartbeat and mysqld_exporter know them. */
const heartbeatTable = `CREATE TABLE IF NOT EXISTS sys_operator.heartbeat (
  ts varchar(26) NOT NULL, server_id int unsigned NOT NULL PRIMARY KEY, file varchar(255), position bigint unsigned,
  relay_master_log_file varchar(255), exec_master_log_pos bigint unsigned)`;
const statusTable =
  'CREATE TABLE IF NOT EXISTS sys_operator.status (name varchar(64) NOT NULL PRIMARY KEY, value varchar(8192) NOT NULL)';

/**
 * Makes the data that a new cluster starts with. Binlogged, so that replicas get it too. May be repeated after it was cut
 * short. The server stays read-only for everybody but superusers, and is closed for these too when this ends.
 * @throws MysqlError
 */
export async function bootstrapData(session: MysqlSession, data: InitialData): Promise<void> {
  // Escapes in literals are what the driver sends, whatever sql_mode the user's configuration has.
  await session.query("SET SESSION sql_mode = ''", [], deadline);
  await whileSuperuserMayWrite(session, async () => {
    await session.query('CREATE DATABASE IF NOT EXISTS sys_operator', [], deadline);
    await session.query(heartbeatTable, [], deadline);
    await session.query(statusTable, [], deadline);
    await createApplicationData(session, data);
    const root = { user: 'root', password: data.rootPassword, privileges: 'ALL ON *.* TO ?@? WITH GRANT OPTION' };
    await createAccount(session, { ...root, host: '%' });
    await createAccount(session, { ...root, host: 'localhost' });
    await session.query("REPLACE INTO sys_operator.status VALUES ('configured', '1')", [], deadline);
  });
}

async function createApplicationData(session: MysqlSession, { user, password, database }: InitialData): Promise<void> {
  if (database !== '') await session.query(`CREATE DATABASE IF NOT EXISTS ${quoted(database)}`, [], deadline);
  if (user === '' || password === '' || user === 'root') return;
  // In a GRANT the database is a pattern.
  const pattern = quoted(database.replace(/[_%\\]/g, '\\$&'));
  const grant = database === '' ? 'USAGE ON *.* TO ?@?' : `ALL ON ${pattern}.* TO ?@?`;
  await createAccount(session, { user, password, host: '%', privileges: grant });
}

function quoted(name: string): string {
  // It would be taken for a placeholder.
  if (name.includes('?')) throw new Error('a database whose name has a question mark is not supported');
  return `\`${name.replaceAll('`', '``')}\``;
}
