import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { createLogger, systemClock } from '@pilotfish/service';
import { type TempFolder, tempFolder } from '@pilotfish/testkit';
import fc from 'fast-check';
import { readTransactions } from './binlog/log-scan.ts';
import { otherUuid, ownUuid, TestLog } from './binlog/test-log.ts';
import { ErrantStore } from './errant-store.ts';
import { type Paths, pathsIn } from './paths.ts';
import { UnacknowledgedTail } from './unacknowledged-tail.ts';

const own = (from: number, to = from): string => `${ownUuid}:${from}-${to}`;

describe('the end of a crashed primary’s binary log', () => {
  let folder: TempFolder;
  let paths: Paths;
  let tail: UnacknowledgedTail;
  let errant: ErrantStore;

  beforeEach(async () => {
    folder = await tempFolder('tail');
    const [conf, data, run] = ['conf', 'data', 'run'].map((name) => join(folder.path, name));
    paths = pathsIn({ conf: conf ?? '', data: data ?? '', run: run ?? '' });
    await mkdir(paths.own, { recursive: true });
    tail = makeTail();
  });
  afterEach(async () => await folder.remove());

  /** As another run of the agent has it. */
  function makeTail(): UnacknowledgedTail {
    const logger = createLogger({ service: 'test', level: 'fatal', pod: 'test' });
    errant = new ErrantStore(paths, systemClock, logger);
    return new UnacknowledgedTail({ paths, errant, logger });
  }

  async function lay(log: TestLog | Buffer, name = 'mysql-bin.000002'): Promise<string> {
    const path = join(paths.data, name);
    await writeFile(path, log instanceof TestLog ? log.bytes() : log);
    await writeFile(paths.binlogIndex, `./mysql-bin.000001\n${path}\n`);
    await writeFile(paths.serverUuid, `[auto]\nserver-uuid=${ownUuid}\n`);
    return path;
  }

  async function numbers(path: string): Promise<bigint[]> {
    const found: bigint[] = [];
    await readTransactions(path, ({ id }) => found.push(id.number));
    return found;
  }

  const cut = (received: string) => tail.cut({ source: ownUuid, received: GtidSet.parse(received) });

  test.each<[string, TestLog | Buffer, boolean]>([
    ['ends in own transactions', new TestLog().transactional(otherUuid, 1).transactional(ownUuid, 1), true],
    ['ends in compressed ones', new TestLog().compressed(ownUuid, 1), true],
    ['is torn after one', Buffer.concat([new TestLog().transactional(ownUuid, 1).bytes(), Buffer.alloc(30, 7)]), true],
    [
      'is torn inside of one',
      new TestLog().transactional(ownUuid, 1).transactional(otherUuid, 1).bytes().subarray(0, -9),
      true,
    ],
    ['was closed in order', new TestLog({ inUse: false }).transactional(ownUuid, 1), false],
    ['ends in another server’s', new TestLog().transactional(ownUuid, 1).transactional(otherUuid, 1), false],
    ['ends in a statement', new TestLog().transactional(ownUuid, 1).statement(ownUuid, 2), false],
    ['has no transaction', new TestLog(), false],
    ['is encrypted', Buffer.from('fd62696e0000', 'hex'), false],
    ['is empty', Buffer.alloc(0), false],
  ])('that %s: may be unacknowledged, or not', async (_, log, expected) => {
    await lay(log);
    expect(await tail.examine()).toBe(expected ? ownUuid : undefined);
  });

  test('without a log or a uuid mysqld may start', async () => {
    expect(await tail.examine()).toBeUndefined();
  });

  test('is cut where what others have received ends, kept aside, and the uuid is given up', async () => {
    const log = new TestLog().transactional(otherUuid, 4).transactional(ownUuid, 1);
    const position = log.size;
    const path = await lay(Buffer.concat([log.compressed(ownUuid, 2).empty(ownUuid, 3).bytes(), Buffer.alloc(25, 9)]));
    expect(await cut(`${own(1)},${otherUuid}:1-9`)).toMatchObject({ kind: 'cut', position });
    expect(await numbers(path)).toEqual([4n, 1n]);
    expect((await stat(path)).size).toBe(position);
    expect(await readdir(paths.data)).not.toContain('auto.cnf');
    const [save] = await errant.list();
    expect(save?.gtids).toBe(own(2, 3));
    expect(await numbers(join(save?.path ?? '', 'mysql-bin.000002'))).toEqual([2n, 3n]);
  });

  test.each<[string, TestLog, string, string]>([
    ['holds a statement', new TestLog().transactional(ownUuid, 1).statement(ownUuid, 2), '', 'can’t be'],
    ['holds rows of an engine without transactions', new TestLog().withoutTransactions(ownUuid, 1), '', 'can’t be'],
    [
      'has another server’s in between',
      new TestLog().transactional(ownUuid, 1).transactional(otherUuid, 1),
      '',
      'comes',
    ],
    ['has received ones after it', new TestLog().transactional(ownUuid, 1).transactional(ownUuid, 2), own(2), 'comes'],
    ['begins in an earlier log', new TestLog({ previous: own(1, 5) }).transactional(ownUuid, 6), own(1, 4), 'earlier'],
  ])('that %s is left whole', async (_, log, received, reason) => {
    const path = await lay(log);
    expect(await cut(received)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining(reason.replace('’', "'")),
    });
    expect(await readFile(path)).toEqual(log.bytes());
    expect(await errant.list()).toEqual([]);
  });

  test('with a wrong checksum is left whole', async () => {
    const log = new TestLog().transactional(ownUuid, 1).bytes();
    log[log.length - 6] = 0xff;
    const path = await lay(log);
    expect(await cut('')).toMatchObject({ kind: 'refused', reason: expect.stringContaining('checksum') });
    expect(await readFile(path)).toEqual(log);
  });

  test('of another server than the boundary is for is left whole', async () => {
    await lay(new TestLog().transactional(ownUuid, 1));
    expect(await tail.cut({ source: otherUuid, received: GtidSet.empty })).toMatchObject({ kind: 'refused' });
  });

  test('that others have in whole is not touched, and keeps its uuid', async () => {
    const path = await lay(new TestLog().transactional(ownUuid, 1));
    expect(await cut(own(1, 7))).toEqual({ kind: 'nothing' });
    expect(await numbers(path)).toEqual([1n]);
    expect(await readdir(paths.data)).toContain('auto.cnf');
  });

  test('is cut to the end after the agent was killed at any point', async () => {
    const log = new TestLog().transactional(ownUuid, 1);
    const position = log.size;
    log.transactional(ownUuid, 2);
    const bytes = log.size;
    for (const at of ['before the uuid', 'before the log', 'before the end'] as const) {
      const path = await lay(at === 'before the end' ? log.bytes().subarray(0, position) : log);
      const marker = { log: path, position, bytes, source: ownUuid };
      await writeFile(paths.cutMarker, JSON.stringify(marker));
      if (at !== 'before the uuid') await rm(paths.serverUuid);
      await makeTail().resume();
      expect(await numbers(path)).toEqual([1n]);
      expect(await readdir(paths.data)).not.toContain('auto.cnf');
      expect(await readdir(paths.own)).not.toContain('cutting');
    }
  });

  test('is not cut any more once mysqld has run', async () => {
    const log = new TestLog().transactional(ownUuid, 1).transactional(ownUuid, 2);
    const old = await lay(log, 'mysql-bin.000001');
    await writeFile(
      paths.cutMarker,
      JSON.stringify({ log: old, position: log.size - 50, bytes: log.size, source: ownUuid }),
    );
    await lay(new TestLog(), 'mysql-bin.000002');
    await tail.resume();
    expect(await numbers(old)).toEqual([1n, 2n]);
    expect(await readdir(paths.own)).not.toContain('cutting');
  });

  test('whatever was received, what is left is what was received, and nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('transactional', 'compressed', 'empty'), { minLength: 1, maxLength: 12 }),
        fc.nat({ max: 14 }),
        fc.nat({ max: 200 }),
        async (kinds, received, torn) => {
          const log = new TestLog();
          for (const [index, kind] of kinds.entries()) log[kind](ownUuid, index + 1);
          const bytes = log.bytes();
          const path = await lay(bytes.subarray(0, Math.max(bytes.length - torn, 60)));
          const before = await numbers(path);
          const outcome = await cut(received === 0 ? '' : own(1, received));
          const after = await numbers(path);
          expect(after).toEqual(before.filter((number) => number <= BigInt(received)));
          const gone = outcome.kind === 'cut' ? outcome.gtids.count() : 0n;
          expect(BigInt(after.length) + gone).toBe(BigInt(before.length));
        },
      ),
      { numRuns: 60 },
    );
  });
});
