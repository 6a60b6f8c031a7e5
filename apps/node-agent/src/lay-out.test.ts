import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseConfig } from '@pilotfish/service';
import { checkLeaks, tempFolder } from '@pilotfish/testkit';
import { initConfigSchema } from './config.ts';
import { layOut, renderIdentity } from './lay-out.ts';

checkLeaks({ beforeAll, afterAll });

const env = {
  MY_NAMESPACE: 'ns',
  MY_POD_NAME: 'c-mysql-3',
  MY_CLUSTER_NAME: 'c',
  MY_FQDN: 'c-mysql-3.mysql.ns',
  OPERATOR_USER: 'sys_operator',
  OPERATOR_PASSWORD: 'secret',
  METRICS_EXPORTER_USER: 'sys_exporter',
  METRICS_EXPORTER_PASSWORD: 'secret',
};

test('the identity is the offset plus the ordinal, and the name of the pod', () => {
  const config = parseConfig(initConfigSchema, { ...env, MY_SERVER_ID_OFFSET: '200' });
  expect(renderIdentity(config)).toBe('[mysqld]\nserver-id="203"\nreport-host="c-mysql-3.mysql.ns"\n');
});

test('a pod without an ordinal is refused', () => {
  const config = parseConfig(initConfigSchema, { ...env, MY_POD_NAME: 'pod' });
  expect(() => renderIdentity(config)).toThrow('does not end in an ordinal');
});

test('laying out can be repeated, and secrets are not for everybody', async () => {
  const folder = await tempFolder('lay-out');
  try {
    const [mounted, app] = ['mounted', 'app'].map((name) => join(folder.path, name));
    await Promise.all([mounted, app].map((directory) => mkdir(directory ?? '')));
    await writeFile(join(mounted ?? '', 'my.cnf'), '[mysqld]\n');
    await writeFile(join(app ?? '', 'run-mysqld.sh'), '#!/bin/sh\n');
    const config = parseConfig(initConfigSchema, {
      ...env,
      PILOTFISH_CONF_DIR: join(folder.path, 'conf'),
      PILOTFISH_DATA_DIR: join(folder.path, 'data'),
      PILOTFISH_RUN_DIR: join(folder.path, 'run'),
      PILOTFISH_MOUNTED_CONF_DIR: mounted,
      PILOTFISH_APP_DIR: app,
    });
    await layOut(config);
    await layOut(config);
    for (const name of ['client.conf', 'exporter.cnf']) {
      expect((await stat(join(folder.path, 'conf', name))).mode & 0o007).toBe(0);
    }
    expect(await readFile(join(folder.path, 'conf/my.cnf'), 'utf8')).toBe('[mysqld]\n');
    await expect(layOut({ ...config, PILOTFISH_MOUNTED_CONF_DIR: '/nowhere' })).rejects.toThrow('/nowhere/my.cnf');
  } finally {
    await folder.remove();
  }
});
