import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GtidSet } from '@pilotfish/gtid';
import { checkLeaks } from '@pilotfish/testkit';
import { closeServers, deadline, startServer, type TestServer } from './test-servers.ts';

/** @pilotfish/gtid is pure; here it is held against the server whose algebra it repeats. */
const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '4e11fa47-71ca-11e1-9e33-c80aa9429562';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ serverId: 1 });
}, 120_000);
afterAll(async () => {
  await closeServers([server]);
}, 60_000);
checkLeaks({ beforeAll, afterAll });

test.each([
  [`${a}:1-10`, `${a}:4-6`],
  [`${a}:1-5:10-15,${b}:1`, `${a}:3-12`],
  [` ${a.toUpperCase()} : 7 : 1 - 5 ,\n,${b}:1`, `${b}:1`],
  [`${a}:5-3:8`, ''],
  [`${a}:1-5:Backup:1-3:zeta:2:4`, `${a}:2:backup:2`],
  [`${b}:zeta:2:alpha:1,${a}:9`, `${a}:1`],
  [`${a}:_x:1:x_1:2:xy:3`, ''],
  [`${a}:9007199254740990-9007199254740995:9223372036854775806`, `${a}:9007199254740992`],
  ['', `${a}:1`],
  [`${a}:tag`, ''],
  [`${a}:tag:other:1`, ''],
  [`${a},${b}:1`, ''],
])('subtract, subset and the text agree with the server for %j and %j', async (left, right) => {
  const sql = 'SELECT GTID_SUBTRACT(?, ?) AS difference, GTID_SUBTRACT(?, ?) AS canonical, GTID_SUBSET(?, ?) AS subset';
  const [row] = await server.session.query<{ difference: string; canonical: string; subset: number }>(
    sql,
    [left, right, left, '', right, left],
    deadline,
  );
  const [l, r] = [GtidSet.parse(left), GtidSet.parse(right)];
  expect(l.subtract(r).toString()).toBe(row?.difference.replaceAll('\n', ''));
  expect(l.toString()).toBe(row?.canonical.replaceAll('\n', ''));
  expect(Number(l.contains(r))).toBe(row?.subset);
});

test.each([
  ['no number', `${a}:`],
  ['zero', `${a}:0`],
  ['a number that is too large', `${a}:9223372036854775807`],
  ['a tag of 33 characters', `${a}:${'t'.repeat(33)}:1`],
  ['no uuid', 'tag:1'],
  ['a letter in a number', `${a}:1a`],
  ['a uuid that is too long', `${a}0:1`],
  ['no last number', `${a}:1-`],
  ['a semicolon', `${a}:1;${b}:1`],
])('%s is refused by both', async (_name, text) => {
  await expect(server.session.query('SELECT GTID_SUBSET(?, ?)', [text, ''], deadline)).rejects.toMatchObject({
    kind: 'Sql',
  });
  expect(() => GtidSet.parse(text)).toThrow('not a GTID set');
});
