import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkLeaks, type TempFolder, tempFolder } from '@pilotfish/testkit';
import { isLiving, isServingMysqld, ProcessTable } from './process-table.ts';

checkLeaks({ beforeAll, afterAll });

/** A line of /proc/<pid>/stat. */
const statLine = (name: string, state: string, threads: number, start: number): string =>
  `7 (${name}) ${state} 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 ${threads} 0 ${start} 0 0\n`;

describe('a process', () => {
  let proc: TempFolder;
  beforeAll(async () => {
    proc = await tempFolder('proc');
    await mkdir(join(proc.path, '7'));
    await writeFile(join(proc.path, '7/cmdline'), '/usr/sbin/mysqld\0--defaults-file=/etc/mysql/my.cnf\0');
  });
  afterAll(async () => await proc.remove());

  test.each([
    ['mysqld', 'S', 30, true],
    ['odd) name (', 'T', 30, true],
    ['mysqld', 'Z', 1, false],
    ['mysqld', 'Z', 2, true],
  ])('named %s in state %s with %d threads lives: %s', async (name, state, threads, living) => {
    await writeFile(join(proc.path, '7/stat'), statLine(name, state, threads, 99));
    const table = new ProcessTable(proc.path);
    const entry = await table.read(7);
    expect(entry).toMatchObject({ pid: 7, state, threads, startTicks: '99' });
    expect(entry !== undefined && isLiving(entry)).toBe(living);
    expect(await table.isAlive({ pid: 7, startTicks: '98' })).toBe(false);
    expect(await table.isAlive({ pid: 8, startTicks: '99' })).toBe(false);
  });

  test.each([
    [['/usr/sbin/mysqld', '--defaults-file=/etc/mysql/my.cnf'], true],
    [['/lib64/ld.so', '/usr/sbin/mysqld', '--defaults-file=/etc/mysql/my.cnf'], true],
    [['mysqld', '--defaults-file=/other/my.cnf'], false],
    [['mysqld', '--defaults-file=/etc/mysql/my.cnf', '--initialize-insecure'], false],
    [['/bin/sh', '/etc/mysql/run-mysqld.sh'], false],
  ])('started as %j is the serving mysqld: %s', (argv, serving) => {
    expect(isServingMysqld({ pid: 7, startTicks: '1', state: 'S', threads: 1, argv }, '/etc/mysql/my.cnf')).toBe(
      serving,
    );
  });
});
