import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, constants, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fixedSettings, settingArguments } from './mysqld-settings.ts';

/** Accounts of every data directory, with an empty gtid_executed. Over TCP, from any host. */
export const mysqldAccounts = {
  root: { user: 'root', password: 'root-password' },
  replication: { user: 'sys_replication', password: 'replication-password' },
} as const;

const initialisation = [
  `CREATE USER 'root'@'%' IDENTIFIED BY '${mysqldAccounts.root.password}'`,
  "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION",
  `ALTER USER 'root'@'localhost' IDENTIFIED BY '${mysqldAccounts.root.password}'`,
  `CREATE USER 'sys_replication'@'%' IDENTIFIED BY '${mysqldAccounts.replication.password}'`,
  "GRANT REPLICATION SLAVE, REPLICATION CLIENT, BACKUP_ADMIN ON *.* TO 'sys_replication'@'%'",
];

const initialiseDeadlineMs = 180_000;

/** Fills `datadir` with a copy of an initialised data directory without its server UUID: every copy is a server of its own. */
export async function copyTemplate(mysqld: string, datadir: string): Promise<void> {
  const template = await templateFor(mysqld);
  await cp(template, datadir, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/**
 * To initialise takes mysqld many seconds, so it is done once for each version of mysqld and of this file, and kept beside the temporary files of this
 * user. Made aside and renamed into place: of two processes that make it at the same time, one wins and both use that.
 */
async function templateFor(mysqld: string): Promise<string> {
  const id = createHash('sha256')
    .update(JSON.stringify([mysqld, initialisation, fixedSettings]))
    .digest('hex')
    .slice(0, 12);
  const home = join(tmpdir(), `pilotfish-testkit-${userInfo().uid}`);
  const template = join(home, `mysqld-${id}`);
  if (await exists(join(template, 'mysql.ibd'))) return template;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const workshop = await mkdtemp(join(home, 'making-'));
  try {
    const made = join(workshop, 'data');
    await initialise(mysqld, workshop, made);
    await rename(made, template).catch(async (error: unknown) => {
      if (!(await exists(join(template, 'mysql.ibd')))) throw error;
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return template;
}

async function initialise(mysqld: string, folder: string, datadir: string): Promise<void> {
  const initFile = join(folder, 'init.sql');
  await writeFile(initFile, `${initialisation.join(';\n')};\n`);
  const settings = {
    ...fixedSettings,
    innodb_redo_log_capacity: '16M',
    innodb_buffer_pool_size: '64M',
    innodb_doublewrite: 'OFF',
  };
  const args = ['--no-defaults', '--initialize-insecure', '--skip-log-bin', ...asUser(), `--init-file=${initFile}`];
  await promisify(execFile)(mysqld, [...args, `--datadir=${datadir}`, ...settingArguments(settings)], {
    cwd: folder,
    timeout: initialiseDeadlineMs,
  });
  await rm(join(datadir, 'auto.cnf'), { force: true });
}

/** mysqld refuses to run as root unless told to. */
export function asUser(): string[] {
  return userInfo().uid === 0 ? ['--user=root'] : [];
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
