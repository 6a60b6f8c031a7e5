import { GtidSet } from '@pilotfish/gtid';
import { formatTransactionId } from './binlog/gtid-event.ts';
import { binlogPaths } from './binlog/index-file.ts';
import { readHead, readTransactions } from './binlog/log-scan.ts';
import type { Paths } from './paths.ts';

type LogPaths = Pick<Paths, 'binlogIndex' | 'data'>;

/**
 * Those of the wanted transactions that are in this server's binary logs and change nothing: they begin, and end. Reads every log that
 * holds any of them, also the one that is being written. A log that can't be read proves nothing.
 */
export async function provenNoOps(paths: LogPaths, wanted: GtidSet): Promise<GtidSet> {
  const found: string[] = [];
  for (const log of await logsWith(paths, wanted)) {
    const inLog: string[] = [];
    const read = readTransactions(log, ({ id, nature, intact }) => {
      if (nature === 'empty' && intact && wanted.has(id.uuid, id.tag, id.number)) inLog.push(formatTransactionId(id));
    });
    if (await succeeded(read)) found.push(...inLog);
  }
  return GtidSet.parse(found.join(','));
}

/** What two neighbours' heads differ by is in the first; what is in the last one is only known when it is read. */
async function logsWith(paths: LogPaths, wanted: GtidSet): Promise<string[]> {
  const logs = await binlogPaths(paths);
  const before = await Promise.all(logs.map((log) => previousOf(log)));
  return logs.filter((_, index) => {
    const [own, next] = [before[index], before[index + 1]];
    if (own === undefined) return false;
    const held = next === undefined ? wanted.subtract(own) : next.subtract(own).intersect(wanted);
    return !held.isEmpty();
  });
}

async function previousOf(log: string): Promise<GtidSet | undefined> {
  return await readHead(log).then(
    ({ previous }) => previous,
    () => undefined,
  );
}

async function succeeded(work: Promise<void>): Promise<boolean> {
  return await work.then(
    () => true,
    () => false,
  );
}
