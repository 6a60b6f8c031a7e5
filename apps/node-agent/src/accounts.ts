import { type MysqlSession, setSuperReadOnly } from '@pilotfish/mysql';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The accounts that Pilotfish itself uses, from the cluster's operated Secret. */
export interface SystemAccounts {
  readonly operator: Credentials;
  readonly replication: Credentials;
  readonly exporter: Credentials;
}

interface Account extends Credentials {
  readonly host: string;
  readonly privileges: string;
  readonly suffix?: string;
}

const deadline = { deadlineMs: 10_000 };

/**
 * Makes the system accounts on a blank instance, as root over the socket. Not binlogged: gtid_executed stays empty, so that
 * any instance can still take any source. Every step may be repeated; the operator's account comes last, so that
 * being let in with it proves that the others are there.
 * @throws MysqlError
 */
export async function createSystemAccounts(root: MysqlSession, accounts: SystemAccounts): Promise<void> {
  await root.query("SET SESSION sql_log_bin = OFF, SESSION sql_mode = ''", [], deadline);
  await whileSuperuserMayWrite(root, async () => {
    for (const account of systemAccounts(accounts)) await createAccount(root, account);
  });
}

/**
 * Lifts super_read_only for as long as `work` lasts; read_only stays, so that nobody but superusers can write.
 * It is set again whatever happens.
 */
export async function whileSuperuserMayWrite(session: MysqlSession, work: () => Promise<void>): Promise<void> {
  await session.query('SET GLOBAL super_read_only = OFF', [], deadline);
  try {
    await work();
  } finally {
    await setSuperReadOnly(session, deadline);
  }
}

/** Makes the account or brings an existing one to this password and at least these privileges. */
export async function createAccount(session: MysqlSession, account: Account): Promise<void> {
  const { user, host, password, privileges, suffix = '' } = account;
  await session.query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [user, host, password], deadline);
  await session.query(`ALTER USER ?@? IDENTIFIED BY ? ${suffix}`, [user, host, password], deadline);
  await session.query(`GRANT ${privileges}`, [user, host], deadline);
}

function systemAccounts({ operator, replication, exporter }: SystemAccounts): Account[] {
  const monitoring = {
    ...exporter,
    privileges: 'SELECT, PROCESS, REPLICATION CLIENT ON *.* TO ?@?',
    suffix: 'WITH MAX_USER_CONNECTIONS 3',
  };
  return [
    // BACKUP_ADMIN: it is also the donor's side of CLONE.
    { ...replication, host: '%', privileges: 'REPLICATION SLAVE, REPLICATION CLIENT, BACKUP_ADMIN ON *.* TO ?@?' },
    { ...monitoring, host: '127.0.0.1' },
    { ...monitoring, host: 'localhost' },
    { ...operator, host: '%', privileges: 'ALL ON *.* TO ?@? WITH GRANT OPTION' },
  ];
}
