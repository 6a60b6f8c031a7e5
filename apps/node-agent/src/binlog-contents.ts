import { GtidSet } from '@pilotfish/gtid';
import type { MysqlSession } from '@pilotfish/mysql';

/** One binary log that is no longer written to. */
export interface BinlogContent {
  readonly name: string;
  readonly bytes: number;
  readonly encrypted: boolean;
  /** Transactions in it. */
  readonly gtids: GtidSet;
}

export interface BinlogContents {
  readonly serverUuid: string;
  /** Path of the logs less their numbers. */
  readonly basename: string;
  /** Oldest first. */
  readonly contents: readonly BinlogContent[];
}

const deadline = { deadlineMs: 30_000 };

/**
 * Which transactions each binary log holds, the last one left out. Each log begins with the set of all transactions before
 * it; what two neighbours differ by is in the first. The server decodes that event itself, whatever its format: one short
 * `SHOW BINLOG EVENTS` a log.
 * @throws MysqlError
 */
export async function binlogContents(session: MysqlSession): Promise<BinlogContents> {
  const [server] = await session.query<{ uuid: string; basename: string | null }>(
    'SELECT @@server_uuid AS uuid, @@log_bin_basename AS basename',
    [],
    deadline,
  );
  if (server === undefined || server.basename === null) throw new Error('this server has no binary logs');
  const logs = await session.query<{ Log_name: string; File_size: number | string; Encrypted?: string }>(
    'SHOW BINARY LOGS',
    [],
    deadline,
  );
  const before: GtidSet[] = [];
  for (const log of logs) before.push(await previousGtids(session, log.Log_name));
  const contents = logs.slice(0, -1).map((log, index): BinlogContent => {
    const [own, next] = [before[index], before[index + 1]];
    const gtids = own === undefined || next === undefined ? GtidSet.parse('') : next.subtract(own);
    return { name: log.Log_name, bytes: Number(log.File_size), encrypted: log.Encrypted === 'Yes', gtids };
  });
  return { serverUuid: server.uuid, basename: server.basename, contents };
}

/**
 * The logs that hold `wanted`, oldest first. What was saved before need be in none of them: it was cut from the last one.
 * @throws Error that says which transactions are in no log, or that a log can't be read without this server's keys
 */
export function chooseBinlogs(
  contents: readonly BinlogContent[],
  wanted: GtidSet,
  savedBefore = GtidSet.empty,
): BinlogContent[] {
  const chosen = contents.filter(({ gtids }) => !gtids.intersect(wanted).isEmpty());
  const missing = wanted.subtract(savedBefore).subtract(GtidSet.unionOf(chosen.map(({ gtids }) => gtids)));
  if (!missing.isEmpty())
    throw new Error(`transactions that are in no binary log can't be saved: ${missing.toString()}`);
  const encrypted = chosen.find((log) => log.encrypted);
  if (encrypted !== undefined) {
    throw new Error(`${encrypted.name} is encrypted and would be unreadable without this server's keyring`);
  }
  return chosen;
}

async function previousGtids(session: MysqlSession, log: string): Promise<GtidSet> {
  const events = await session.query<{ Event_type: string; Info: string }>(
    'SHOW BINLOG EVENTS IN ? LIMIT 5',
    [log],
    deadline,
  );
  const event = events.find(({ Event_type }) => Event_type === 'Previous_gtids');
  if (event === undefined) throw new Error(`${log} does not say which transactions came before it`);
  return GtidSet.parse(event.Info);
}
