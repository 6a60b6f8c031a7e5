import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setSuperReadOnly } from '@pilotfish/mysql';
import { eventually, Mysqld } from '@pilotfish/testkit';
import { TopologyRecord } from '../record/topology-record.ts';
import { LapsedError, OutrunError } from '../tenure.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { StatementSession } from './statement-session.ts';

const deadline = { deadlineMs: 10_000 };
const close = (session: StatementSession): Promise<void> => setSuperReadOnly(session, deadline);

describe('a session for statements', () => {
  let mysqld: Mysqld;
  const sessions: StatementSession[] = [];
  beforeAll(async () => {
    mysqld = await Mysqld.start({ serverId: 1 });
  }, 120_000);
  afterEach(() => {
    for (const session of sessions.splice(0)) session.destroy();
  });
  afterAll(() => mysqld.close());

  async function owner(store: MemoryStore, engine: string, holdsLease?: () => boolean): Promise<TopologyRecord> {
    const record = await TopologyRecord.open(store, '', holdsLease);
    await record.claim(engine);
    return record;
  }

  async function open(record: TopologyRecord): Promise<StatementSession> {
    const session = await StatementSession.open(mysqld.root, record, deadline);
    sessions.push(session);
    return session;
  }

  test('is ended by the next owner before it says anything there, and can not be had anew', async () => {
    const store = new MemoryStore();
    const former = await owner(store, 'a');
    const session = await open(former);
    await close(session);
    const next = await owner(store, 'b');
    // Nobody has told the former, and its session stands: until the next one is there.
    await close(session);
    const other = await open(next);
    await expect(close(session)).rejects.toMatchObject({ kind: 'Closed' });
    await expect(open(former)).rejects.toBeInstanceOf(OutrunError);
    await close(other);
    await expect(former.update({ epoch: 7 })).rejects.toBeInstanceOf(OutrunError);
    expect(store.topology).toMatchObject({ owner: { engine: 'b', term: 2 }, epoch: 0 });
  }, 60_000);

  test('is ended with the statement that it is at', async () => {
    const store = new MemoryStore();
    const session = await open(await owner(store, 'a'));
    const asleep = session.query('SELECT SLEEP(30)', [], { deadlineMs: 40_000 });
    const ended = expect(asleep).rejects.toMatchObject({ kind: 'Closed' });
    const next = await open(await owner(store, 'b'));
    await ended;
    await eventually(
      async () =>
        (
          await next.query(
            "SELECT 1 FROM performance_schema.threads WHERE PROCESSLIST_INFO = 'SELECT SLEEP(30)'",
            [],
            deadline,
          )
        ).length === 0,
      { deadlineMs: 10_000, describe: 'the statement to be gone' },
    );
  }, 60_000);

  test('sends nothing while the lease of its engine is not held', async () => {
    let holds = true;
    const record = await owner(new MemoryStore(), 'a', () => holds);
    const session = await open(record);
    holds = false;
    await expect(close(session)).rejects.toBeInstanceOf(LapsedError);
    await expect(open(record)).rejects.toBeInstanceOf(LapsedError);
    await expect(record.update({ epoch: 7 })).rejects.toBeInstanceOf(LapsedError);
    holds = true;
    await close(session);
  }, 60_000);
});
