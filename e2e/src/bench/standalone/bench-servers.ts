import { Mysqld, type MysqldSettings } from '@pilotfish/testkit';
import { type Connection, createConnection } from 'mysql2/promise';

/** The load's account: no administrator, so that the engine may send it away. */
export const client = { user: 'app', password: 'app-password', database: 'app' } as const;

/** Real servers on this machine, without data, with the account of the load. */
export async function startServers(count: number, settings: MysqldSettings = {}): Promise<Mysqld[]> {
  const servers: Mysqld[] = [];
  for (let index = 0; index < count; index += 1)
    servers.push(await Mysqld.start({ serverId: 100 + index, settings: { innodb_doublewrite: 'ON', ...settings } }));
  for (const server of servers) {
    await administer(server, async (connection) => {
      await connection.query('SET GLOBAL super_read_only = OFF');
      await connection.query('SET sql_log_bin = OFF');
      await connection.query(`CREATE USER '${client.user}'@'%' IDENTIFIED BY '${client.password}'`);
      await connection.query(`GRANT ALL ON app.* TO '${client.user}'@'%'`);
      await connection.query('SET GLOBAL super_read_only = ON');
    });
  }
  return servers;
}

/** Does something as root on a connection of its own, by another way if `place` is one. */
export async function administer<Result>(
  server: Mysqld,
  work: (connection: Connection) => Promise<Result>,
  place: { readonly host?: string; readonly port?: number } = {},
): Promise<Result> {
  const connection = await createConnection({ ...server.root, ...place, connectTimeout: 5_000 });
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}

export async function makeTable(primary: Mysqld): Promise<void> {
  await administer(primary, async (connection) => {
    await connection.query('CREATE DATABASE app');
    await connection.query('CREATE TABLE app.t (client INT, seq INT, PRIMARY KEY (client, seq))');
  });
}

/** Waits until the others have applied what the primary has now: each round begins with servers that keep up. */
export async function untilCaughtUp(primary: Mysqld, others: readonly Mysqld[], seconds = 60): Promise<void> {
  const gtids = await administer(primary, async (connection) => {
    const [rows] = await connection.query({ sql: 'SELECT @@GLOBAL.gtid_executed', rowsAsArray: true });
    return (rows as string[][])[0]?.[0] ?? '';
  });
  for (const other of others) {
    const [rows] = await administer(
      other,
      async (connection) =>
        await connection.query({
          sql: 'SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?)',
          values: [gtids, seconds],
          rowsAsArray: true,
        }),
    );
    if ((rows as number[][])[0]?.[0] !== 0) throw new Error(`server ${other.serverId} does not keep up`);
  }
}

export async function rowsOf(server: Mysqld): Promise<Set<string>> {
  const [rows] = await administer(
    server,
    async (connection) => await connection.query({ sql: 'SELECT client, seq FROM app.t', rowsAsArray: true }),
  );
  return new Set((rows as [number, number][]).map(([writer, seq]) => `${writer}:${seq}`));
}

/** What an administrator does with a server that has transactions of its own: copies another's data over it. It restarts itself. */
export async function cloneOver(server: Mysqld, donor: Mysqld): Promise<void> {
  await administer(server, async (connection) => {
    const { user, password, host, port } = donor.replication;
    await connection.query('SET GLOBAL super_read_only = OFF');
    await connection.query('SET GLOBAL clone_valid_donor_list = ?', [`${host}:${port}`]);
    // It ends with a restart, which cuts the connection.
    await connection
      .query('CLONE INSTANCE FROM ?@?:? IDENTIFIED BY ? REQUIRE SSL', [user, host, port, password])
      .catch((error: unknown) => {
        if (!/lost|closed|shutdown/i.test(String(error))) throw error;
      });
  });
}
