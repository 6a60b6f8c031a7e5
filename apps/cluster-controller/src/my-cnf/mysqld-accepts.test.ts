import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checkLeaks, StartedProcess, type TempFolder, tempFolder, toolPath } from '@pilotfish/testkit';
import { renderMyCnf } from './render-my-cnf.ts';

let folder: TempFolder;
beforeAll(async () => {
  folder = await tempFolder('my-cnf');
});
afterAll(() => folder.remove());
checkLeaks({ beforeAll, afterAll });

/** An old manifest's taste of options. */
const mysqlConf = {
  Max_Connections: 50,
  slave_net_timeout: 9,
  'innodb-log-file-size': '48M',
  expire_logs_days: 3,
  'query-cache-size': 0,
  'skip-host-cache': '1',
  'log-slave-updates': 'on',
};

test('mysqld 9.7 knows every option of my.cnf', async () => {
  const size = { memoryRequest: '1Gi', cpuLimit: 4, storage: '1Gi', percona: false, version: [9, 7, 0] } as const;
  const text = renderMyCnf(size, mysqlConf)
    .text.replaceAll('/var/lib/mysql', join(folder.path, 'data'))
    .replaceAll('/etc/mysql', folder.path)
    .replaceAll('/var/run/mysqld', folder.path);
  const file = join(folder.path, 'my.cnf');
  await writeFile(file, text);
  await mkdir(join(folder.path, 'conf.d'));
  await mkdir(join(folder.path, 'data'));
  const mysqld = await StartedProcess.start({
    name: 'mysqld --validate-config',
    command: await toolPath('mysqld'),
    args: [`--defaults-file=${file}`, '--validate-config', '--user=root'],
    cwd: folder.path,
  });
  const exit = await mysqld.exited;
  expect({ ...exit, output: exit.code === 0 ? '' : mysqld.output() }).toEqual({ code: 0, signal: null, output: '' });
}, 60_000);
