import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { MysqlSession } from '@pilotfish/mysql';
import { checkLeaks, Mysqld } from '@pilotfish/testkit';
import { provenNoOps } from '../proven-no-ops.ts';
import { formatTransactionId } from './gtid-event.ts';
import { readHead, readLastTransaction, readTransactions } from './log-scan.ts';
import type { LoggedTransaction } from './transactions.ts';

checkLeaks({ beforeAll, afterAll });
const deadline = { deadlineMs: 20_000 };
const stranger = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

/** What mysqld itself says of its logs is what is expected of the reader. */
describe.each([
  ['with checksums', 'CRC32'],
  ['without checksums', 'NONE'],
])('binary logs of a real server, %s', (_, checksum) => {
  let server: Mysqld;
  let session: MysqlSession;
  const executedBefore: string[] = [];

  beforeAll(async () => {
    server = await Mysqld.start({ serverId: 1, settings: { binlog_checksum: checksum } });
    session = await MysqlSession.connect(server.root, deadline);
    await run(
      'SET GLOBAL read_only = OFF',
      'CREATE DATABASE shop',
      'CREATE TABLE shop.t (id INT PRIMARY KEY, v LONGBLOB)',
      'CREATE TABLE shop.m (id INT) ENGINE = MyISAM',
    );
    await nextLog();
    await run(
      "INSERT INTO shop.t VALUES (1, 'row')",
      'INSERT INTO shop.m VALUES (1)',
      "SET gtid_next = 'AUTOMATIC:tagged'",
      "INSERT INTO shop.t VALUES (2, 'tagged')",
      "SET gtid_next = 'AUTOMATIC'",
      `SET gtid_next = '${stranger}:9223372036854775800'`,
      'BEGIN',
      'COMMIT',
      "SET gtid_next = 'AUTOMATIC'",
      // Larger than what is read at once.
      "INSERT INTO shop.t VALUES (3, REPEAT('x', 3000000))",
    );
    await nextLog();
    await run(
      'SET binlog_transaction_compression = ON',
      "INSERT INTO shop.t VALUES (4, REPEAT('y', 100000))",
      'INSERT INTO shop.m VALUES (2)',
      'SET binlog_transaction_compression = OFF',
      'XA START "x"',
      "INSERT INTO shop.t VALUES (5, 'xa')",
      'XA END "x"',
      'XA PREPARE "x"',
      'XA COMMIT "x"',
      "SET binlog_format = 'STATEMENT'",
      "UPDATE shop.t SET v = 'statement' WHERE id = 1",
    );
  }, 240_000);
  afterAll(async () => {
    session.destroy();
    await server.close();
  }, 60_000);

  async function run(...statements: string[]): Promise<void> {
    for (const statement of statements) await session.query(statement, [], deadline);
  }

  async function nextLog(): Promise<void> {
    const [row] = await session.query<{ gtids: string }>('SELECT @@gtid_executed AS gtids', [], deadline);
    executedBefore.push(row?.gtids ?? '');
    await run('FLUSH BINARY LOGS');
  }

  const path = (number: number): string => join(server.datadir, `mysql-bin.00000${String(number)}`);

  async function transactions(number: number): Promise<LoggedTransaction[]> {
    const found: LoggedTransaction[] = [];
    await readTransactions(path(number), (transaction) => found.push(transaction));
    return found;
  }

  test('begin with the set of what came before, tags and all, and say whether they are in use', async () => {
    for (const [index, gtids] of executedBefore.entries()) {
      const { previous, inUse } = await readHead(path(index + 2));
      expect(previous.toString()).toBe(GtidSet.parse(gtids).toString());
      expect(inUse).toBe(index === executedBefore.length - 1);
    }
  });

  test('hold their transactions where SHOW BINLOG EVENTS has them', async () => {
    for (const number of [1, 2, 3]) {
      const events = await session.query<{ Pos: number; Event_type: string; Info: string }>(
        'SHOW BINLOG EVENTS IN ?',
        [`mysql-bin.00000${String(number)}`],
        deadline,
      );
      const expected = events
        .filter(({ Event_type }) => /^Gtid/i.test(Event_type))
        .map(({ Pos, Info }) => `${/'([^']+)'/.exec(Info)?.[1] ?? ''} at ${Pos}`);
      const found = await transactions(number);
      expect(found.map(({ id, position }) => `${formatTransactionId(id)} at ${position}`)).toEqual(expected);
      expect(found.every(({ intact }) => intact)).toBe(true);
      expect(await readLastTransaction(path(number))).toEqual(found.at(-1));
    }
  });

  test('tell what a transaction is', async () => {
    expect((await transactions(1)).map(({ nature }) => nature)).toEqual(['other', 'other', 'other']);
    expect((await transactions(2)).map(({ nature }) => nature)).toEqual([
      'transactional',
      'other',
      'transactional',
      'empty',
      'transactional',
    ]);
    expect((await transactions(3)).map(({ nature }) => nature)).toEqual([
      'transactional',
      'other',
      'other',
      'other',
      'transactional',
    ]);
  });

  test('prove which transactions change nothing', async () => {
    const [row] = await session.query<{ gtids: string }>('SELECT @@gtid_executed AS gtids', [], deadline);
    const paths = { binlogIndex: join(server.datadir, 'mysql-bin.index'), data: server.datadir };
    expect((await provenNoOps(paths, GtidSet.parse(row?.gtids ?? ''))).toString()).toBe(
      `${stranger}:9223372036854775800`,
    );
  });
});
