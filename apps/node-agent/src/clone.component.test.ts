import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkLeaks, eventually, toolPath } from '@pilotfish/testkit';
import { TestPod } from './test-pod.ts';

checkLeaks({ beforeAll, afterAll });
/** For a machine with much else to do; each wait has its own, shorter deadline. */
const patienceMs = 240_000;

describe('a clone', () => {
  let donor: TestPod;
  let recipient: TestPod;
  const request = (more: object = {}): object => {
    return { donorHost: '127.0.0.1', donorPort: donor.port, reason: 'test', ...more };
  };
  const untilPhase = async (phase: string) =>
    await recipient.until(`phase ${phase}`, ({ provisioning }) => provisioning.phase === phase);
  const executed = async (pod: TestPod) =>
    (await pod.sql<{ gtids: string }>('SELECT @@gtid_executed AS gtids'))[0]?.gtids;

  beforeAll(async () => {
    [donor, recipient] = await Promise.all([TestPod.start({ ordinal: 0 }), TestPod.start({ ordinal: 1 })]);
    await Promise.all([donor.bootstrap(), recipient.untilBlank()]);
    await donor.sql(
      'SET GLOBAL read_only = OFF',
      'CREATE DATABASE shop',
      'CREATE TABLE shop.orders (id INT PRIMARY KEY, filling LONGBLOB)',
      "INSERT INTO shop.orders VALUES (1, 'first')",
    );
  }, patienceMs);
  afterAll(async () => await Promise.all([donor.close(), recipient.close()]), patienceMs);

  test(
    'fills a blank instance, which is then ready and closed',
    async () => {
      expect((await recipient.post('/v1/clone', request())).status).toBe(202);
      expect((await recipient.post('/v1/clone', request())).status).toBe(409);
      const state = await untilPhase('ready');
      expect(state.mysqld.blank).toBe(false);
      expect((await recipient.get('/readyz')).status).toBe(200);
      expect(
        await recipient.sql('SELECT @@super_read_only AS closed, (SELECT COUNT(*) FROM shop.orders) AS orders'),
      ).toEqual([{ closed: 1, orders: 1 }]);
      expect(await executed(recipient)).toBe(await executed(donor));
    },
    patienceMs,
  );

  test('is refused by an instance that is writable', async () => {
    await recipient.sql('SET GLOBAL read_only = OFF');
    expect((await recipient.post('/v1/clone', request())).status).toBe(409);
    // What the other instances don't have, in two binary logs, one of them with a tag.
    await recipient.sql(
      "INSERT INTO shop.orders VALUES (100, 'errant-one')",
      'FLUSH BINARY LOGS',
      "SET SESSION gtid_next = 'AUTOMATIC:tag'",
      "INSERT INTO shop.orders VALUES (101, 'errant-two')",
      "SET SESSION gtid_next = 'AUTOMATIC'",
      'SET GLOBAL super_read_only = ON',
    );
  });

  test('is refused when it could not save what only this instance has', async () => {
    const unknown = '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-3';
    await recipient.post('/v1/clone', request({ saveErrant: unknown }));
    expect((await untilPhase('failed')).provisioning.detail).toContain(`in no binary log can't be saved: ${unknown}`);
    expect((await recipient.post('/v1/clone', request({ saveErrant: 'no set' }))).status).toBe(400);
    // All is as before.
    expect((await recipient.get('/readyz')).status).toBe(200);
    expect((await recipient.state()).errantSaved).toEqual([]);
  });

  test(
    'from a donor that is not there fails with the reason and leaves the data alone',
    async () => {
      await recipient.post('/v1/clone', request({ donorPort: 1 }));
      await untilPhase('cloning').catch(() => undefined);
      const { provisioning, mysqld } = await untilPhase('failed');
      expect(provisioning.detail).toMatch(/CLONE failed \(3862\)/);
      expect(mysqld.blank).toBe(false);
      expect((await recipient.get('/readyz')).status).toBe(200);
      expect(await recipient.sql('SELECT COUNT(*) AS orders FROM shop.orders')).toEqual([{ orders: 3 }]);
    },
    patienceMs,
  );

  test(
    'saves what only this instance has, in files that mysqlbinlog reads, before it replaces the data',
    async () => {
      const uuid = (await recipient.sql<{ uuid: string }>('SELECT @@server_uuid AS uuid'))[0]?.uuid ?? '';
      const [row] = await recipient.sql<{ errant: string }>(
        `SELECT REPLACE(GTID_SUBTRACT(@@gtid_executed, '${(await executed(donor)) ?? ''}'), '\\n', '') AS errant`,
      );
      const errant = row?.errant ?? '';
      expect(errant).toContain(`${uuid}:1:tag:1`);
      // As when the donor has another clone to serve: the attempt fails after the save, and the next one saves nothing again.
      await recipient.post('/v1/clone', request({ saveErrant: errant, donorPort: 1 }));
      await untilPhase('failed');
      expect((await recipient.state()).errantSaved).toHaveLength(1);
      await recipient.post('/v1/clone', request({ saveErrant: errant }));
      await untilPhase('ready');
      const [save, ...others] = (await recipient.state()).errantSaved;
      expect(others).toEqual([]);
      expect(save?.gtids).toBe(errant);
      const manifest: unknown = JSON.parse(await readFile(join(save?.path ?? '', 'manifest.json'), 'utf8'));
      expect(manifest).toMatchObject({ serverUuid: uuid, gtids: errant, reason: 'test' });
      const { files } = manifest as { files: { name: string }[] };
      expect(files).toHaveLength(2);
      const args = [
        '--base64-output=decode-rows',
        '-vv',
        `--include-gtids=${errant}`,
        ...files.map(({ name }) => join(save?.path ?? '', name)),
      ];
      const { stdout } = await promisify(execFile)(await toolPath('mysqlbinlog'), args);
      expect(stdout).toContain('errant-one');
      expect(stdout).toContain('errant-two');
      expect(await executed(recipient)).toBe(await executed(donor));
      expect(await recipient.sql('SELECT COUNT(*) AS orders FROM shop.orders')).toEqual([{ orders: 1 }]);
    },
    patienceMs,
  );

  test(
    'that is cut short by the end of mysqld is seen, also by another agent, and can be made again',
    async () => {
      await donor.sql(
        ...Array.from(
          { length: 8 },
          (_, i) => `INSERT INTO shop.orders VALUES (${1000 + i}, REPEAT(RANDOM_BYTES(1024), 16384))`,
        ),
      );
      // Slow enough to be caught in the middle of the copy.
      await recipient.sql('SET GLOBAL clone_max_data_bandwidth = 10');
      await recipient.post('/v1/clone', request());
      await recipient.until('the copy', ({ provisioning }) => provisioning.detail?.startsWith('file copy') === true);
      expect((await recipient.get('/readyz')).status).toBe(503);
      await recipient.post('/v1/fence', { reason: 'test', hold: false });
      const failed = await untilPhase('failed');
      expect(failed.mysqld.blank).toBe(true);
      expect((await recipient.get('/readyz')).status).toBe(503);

      await recipient.agent.stop({ signal: 'SIGKILL' });
      await recipient.startAgent();
      expect((await untilPhase('failed')).mysqld.blank).toBe(true);
      await eventually(async () => (await recipient.post('/v1/clone', request())).status === 202, {
        deadlineMs: 30_000,
        describe: 'the second clone',
      });
      const state = await untilPhase('ready');
      expect(state.mysqld.blank).toBe(false);
      expect(await executed(recipient)).toBe(await executed(donor));
    },
    patienceMs,
  );
});
