import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InitConfig } from './config.ts';
import { writeDurably } from './files.ts';
import { renderOptionFile } from './option-file.ts';
import { pathsIn } from './paths.ts';

const maxServerId = 4_294_967_295;

/**
 * Writes /etc/mysql for the other containers of the pod: my.cnf from the ConfigMap, who this instance is, how to log in, and
 * the script that runs mysqld. May be repeated. Rejects when something it needs is missing, or can't be written.
 */
export async function layOut(config: InitConfig): Promise<void> {
  const { conf, data, run, socket, defaultsFile } = pathsIn({
    conf: config.PILOTFISH_CONF_DIR,
    data: config.PILOTFISH_DATA_DIR,
    run: config.PILOTFISH_RUN_DIR,
  });
  const includes = join(conf, 'conf.d');
  await Promise.all([includes, data, run].map((directory) => mkdir(directory, { recursive: true })));
  const myCnf = await readFile(join(config.PILOTFISH_MOUNTED_CONF_DIR, 'my.cnf'), 'utf8');
  await writeDurably(defaultsFile, myCnf, 0o644);
  await writeDurably(join(includes, '10-identity.cnf'), renderIdentity(config), 0o644);
  const operator = { user: config.OPERATOR_USER, password: config.OPERATOR_PASSWORD, socket };
  await writeDurably(join(conf, 'client.conf'), renderOptionFile('client', operator));
  // Over TCP: the exporter's container has nothing of ours mounted but this file.
  const exporter = {
    user: config.METRICS_EXPORTER_USER,
    password: config.METRICS_EXPORTER_PASSWORD,
    host: '127.0.0.1',
  };
  await writeDurably(join(conf, 'exporter.cnf'), renderOptionFile('client', exporter));
  await copyFile(join(config.PILOTFISH_APP_DIR, 'run-mysqld.sh'), join(conf, 'run-mysqld.sh'));
}

/** server-id is the offset plus the ordinal; report-host is how the others call this instance. */
export function renderIdentity({ MY_POD_NAME, MY_SERVER_ID_OFFSET, MY_FQDN }: InitConfig): string {
  const ordinal = /-(\d+)$/.exec(MY_POD_NAME)?.[1];
  if (ordinal === undefined) throw new Error(`MY_POD_NAME: "${MY_POD_NAME}" does not end in an ordinal`);
  const serverId = MY_SERVER_ID_OFFSET + Number(ordinal);
  if (serverId > maxServerId) throw new Error(`MY_SERVER_ID_OFFSET: server id ${serverId} is over ${maxServerId}`);
  return renderOptionFile('mysqld', { 'server-id': String(serverId), 'report-host': MY_FQDN });
}
