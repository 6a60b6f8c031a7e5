import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { runCommand, succeeds } from './run-command.ts';

const APT_WAIT_MS = 10 * 60_000;

/**
 * Unpacks packages of Debian sid into a cache directory, and returns it; the host's own packages are not touched.
 *
 * With `dependencies`, everything they depend on comes along, down to the C library, as on an empty system.
 */
export async function sidPackages(
  names: readonly string[],
  options: { readonly dependencies: boolean },
): Promise<string> {
  const key = cacheKey(...names, String(options.dependencies));
  return await cached(`debian/${names[0] ?? 'nothing'}`, key, async (directory) => {
    const archives = join(directory, '.archives');
    mkdirSync(join(archives, 'partial'), { recursive: true });
    await withLock(join(cacheDir, 'apt/lock'), { waitMs: APT_WAIT_MS }, async () => {
      const install = [
        'install',
        '--yes',
        '--download-only',
        '--no-install-recommends',
        '-o',
        `Dir::Cache::archives=${archives}`,
      ];
      const command = options.dependencies ? install : ['download'];
      const download = async (apt: readonly string[]): Promise<unknown> =>
        await runCommand('apt-get', [...apt, ...command, ...names], { cwd: archives });
      // sid moves on: the versions that the lists name are gone from the mirror after a while.
      await download(await sidApt()).catch(async () => await download(await sidApt({ refresh: true })));
    });
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      await runCommand('dpkg', ['-x', join(archives, file), directory]);
    }
    await runCommand('rm', ['-rf', archives]);
  });
}

/** Installs packages of the host's own release that aren't installed yet. */
export async function hostPackages(names: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const name of names) {
    const installed = await succeeds('sh', ['-c', `dpkg-query -W -f '\${Status}' ${name} | grep -q 'ok installed'`]);
    if (!installed) missing.push(name);
  }
  if (missing.length === 0) return;
  const install = ['install', '--yes', '--no-install-recommends', ...missing];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (await succeeds('apt-get', install, { env })) return;
  await runCommand('apt-get', ['update']);
  await runCommand('apt-get', install, { env });
}

/** The mirror that the host's own packages come from. */
export async function debianMirror(): Promise<string> {
  const format = '$(ORIGIN) $(LABEL) $(REPO_URI)';
  const targets = await runCommand('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const mirror = targets.match(/^Debian Debian (\S+)$/m)?.[1];
  if (mirror === undefined)
    throw new Error(
      'apt has no source of Debian packages; check `apt-get indextargets` (is this Debian, was `apt-get update` run?)',
    );
  return mirror;
}

/** Options that make apt-get work on sid with files of its own, as on a system where nothing is installed. */
async function sidApt(options: { readonly refresh: boolean } = { refresh: false }): Promise<string[]> {
  const home = join(cacheDir, 'apt');
  for (const directory of ['lists/partial', 'archives/partial', 'empty'])
    mkdirSync(join(home, directory), { recursive: true });
  const settings = {
    'Dir::Etc::sourcelist': join(home, 'sources.list'),
    'Dir::Etc::sourceparts': join(home, 'empty'),
    'Dir::State::lists': join(home, 'lists'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': home,
    // A mirror's copy of sid can be older than its Release file allows.
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);

  const updated = join(home, 'updated');
  if (options.refresh || !existsSync(updated)) {
    const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
    writeFileSync(join(home, 'sources.list'), `deb [signed-by=${keyring}] ${await debianMirror()} sid main\n`);
    await runCommand('apt-get', [...flags, 'update']);
    writeFileSync(`${updated}.partial`, new Date().toISOString());
    renameSync(`${updated}.partial`, updated);
  }
  return flags;
}
