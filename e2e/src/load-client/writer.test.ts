import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { checkLeaks, eventually, type Mysqld, startMysqld } from '@pilotfish/testkit';
import { createConnection } from 'mysql2';
import type { WriteRecord } from './write-record.ts';
import { Writer, type WriterOptions } from './writer.ts';

checkLeaks({ beforeAll, afterAll });

describe('a writer', () => {
  let mysqld: Mysqld;
  let records: WriteRecord[];

  beforeEach(async () => {
    records = [];
    mysqld = await startMysqld({ serverId: 1, settings: { super_read_only: false, read_only: false } });
    await run('CREATE DATABASE app');
    await run('CREATE TABLE app.writes (client INT, seq INT, PRIMARY KEY (client, seq))');
  }, 60_000);

  test('knows which server acknowledged each write', async () => {
    const uuid = await mysqld.uuid();
    await whileWriting(async () => {
      await has('acknowledged', 10);
    });
    expect(records.every(({ outcome, server }) => outcome === 'acknowledged' && server === uuid)).toBe(true);
    expect(new Set(records.map(({ seq }) => seq)).size).toBe(records.length);
  });

  test('notes a refusal by a read-only server, and goes on when it opens', async () => {
    await whileWriting(async () => {
      await has('acknowledged', 1);
      await run('SET GLOBAL super_read_only = ON');
      await has('refused', 3);
      await run('SET GLOBAL read_only = OFF');
      await has('acknowledged', records.filter(({ outcome }) => outcome === 'acknowledged').length + 3);
    });
    expect(new Set(records.filter(({ outcome }) => outcome === 'refused').map(({ error }) => error))).toEqual(
      new Set(['1290']),
    );
  });

  test('does not know what became of the write that a hung server left unanswered', async () => {
    await whileWriting(async () => {
      await has('acknowledged', 1);
      process.kill(mysqld.pid, 'SIGSTOP');
      await has('unknown', 1);
      await has('refused', 1);
      process.kill(mysqld.pid, 'SIGCONT');
      await has('acknowledged', records.filter(({ outcome }) => outcome === 'acknowledged').length + 3);
    });
    const unknown = records.filter(({ outcome }) => outcome === 'unknown');
    expect(unknown.map(({ error }) => error)).toEqual(['TIMEOUT']);
    expect((unknown[0]?.endedMs ?? 0) - (unknown[0]?.startedMs ?? 0)).toBeGreaterThan(990);
  });

  test('is refused, quickly and again and again, by a server that is gone, and finds it when it is back', async () => {
    await whileWriting(async () => {
      await has('acknowledged', 1);
      mysqld.kill('SIGKILL');
      await mysqld.exited();
      await has('refused', 5);
      const acknowledged = records.filter(({ outcome }) => outcome === 'acknowledged').length;
      await mysqld.start();
      await run('SET GLOBAL read_only = OFF');
      await has('acknowledged', acknowledged + 3);
    });
    expect(records.map(({ error }) => error)).toContain('ECONNREFUSED');
  });

  test('tries again at once after the first refusal, where it is told to', async () => {
    await whileWriting(
      async () => {
        await has('acknowledged', 1);
        await run('SET GLOBAL super_read_only = ON');
        await has('refused', 2);
      },
      { firstRetryMs: 0, retryMs: 60_000 },
    );
    expect(records.filter(({ outcome }) => outcome === 'refused')).toHaveLength(2);
  });

  async function whileWriting(story: () => Promise<void>, timing: Partial<WriterOptions> = {}): Promise<void> {
    const stop = new AbortController();
    const writer = new Writer({
      client: 7,
      target: () => ({ ...mysqld.root, database: 'app' }),
      table: 'writes',
      intervalMs: 10,
      retryMs: 10,
      record: (record) => records.push(record),
      ...timing,
    });
    const writing = writer.run(stop.signal);
    try {
      await story();
    } finally {
      stop.abort();
      await writing;
      await mysqld.close();
    }
  }

  async function has(outcome: WriteRecord['outcome'], count: number): Promise<void> {
    await eventually(() => records.filter((record) => record.outcome === outcome).length >= count, {
      deadlineMs: 15_000,
      describe: `${count} writes ${outcome}`,
    });
  }

  function run(sql: string): Promise<void> {
    const connection = createConnection(mysqld.root);
    return new Promise((resolve, reject) => {
      connection.query(sql, (error) => {
        connection.destroy();
        if (error === null) resolve();
        else reject(error);
      });
    });
  }
});
