import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, type ImageRecipe, localReference } from './buildah.ts';
import { cached, cacheKey } from './cache.ts';
import { debianMirror, hostPackages } from './debian-packages.ts';
import { repositoryRoot } from './paths.ts';
import { runCommand } from './run-command.ts';

const imagesDir = join(repositoryRoot, 'infra/images');

/** Which local base stands in for a public image, by the public image's name without its tag. */
const standIns: Readonly<Record<string, () => Promise<string>>> = {
  debian: debianBase,
  node: nodeBase,
  mysql: mysqlBase,
};

/** Builds the stand-in for the public image that a Dockerfile names as its default base, and returns its local reference. */
export async function baseFor(publicImage: string): Promise<string> {
  const name = publicImage.replace(/:.*$/, '').replace(/^docker\.io\/(library\/)?/, '');
  const standIn = standIns[name];
  if (standIn === undefined)
    throw new Error(`There is no local stand-in for ${publicImage}; there are: ${Object.keys(standIns).join(', ')}`);
  return await standIn();
}

async function debianBase(): Promise<string> {
  const dockerfile = join(imagesDir, 'base-debian/Dockerfile');
  const key = cacheKey(STRIP_SCRIPT, { file: dockerfile });
  const context = await debianRootfs();
  return await build({ name: 'base-debian', key, dockerfile, context });
}

async function nodeBase(): Promise<string> {
  return await buildOnDebian('base-node');
}

async function mysqlBase(): Promise<string> {
  return await buildOnDebian('base-mysql');
}

async function buildOnDebian(name: string): Promise<string> {
  const base = await debianBase();
  const dockerfile = join(imagesDir, name, 'Dockerfile');
  return await build({
    name,
    key: cacheKey(base, { file: dockerfile }),
    dockerfile,
    context: join(imagesDir, name),
    base,
  });
}

async function build(recipe: ImageRecipe): Promise<string> {
  await buildImage(recipe);
  return localReference(recipe.name, recipe.key);
}

/** Takes out of a root file system what no container reads: it is copied to every node. */
const STRIP_SCRIPT = `
cat > etc/dpkg/dpkg.cfg.d/pilotfish <<END
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/lintian/*
END
echo 'APT::Install-Recommends "false";' > etc/apt/apt.conf.d/90pilotfish
rm -rf usr/share/doc usr/share/man usr/share/info usr/share/locale usr/share/lintian
rm -rf var/lib/apt/lists/* var/cache/apt/* var/log/* var/cache/debconf/*-old
rm -rf dev/* run/*
`;

/** A folder with rootfs.tar: the smallest Debian sid that has apt. */
async function debianRootfs(): Promise<string> {
  return await cached('debian-rootfs', cacheKey(STRIP_SCRIPT), async (directory) => {
    await hostPackages(['debootstrap']);
    const rootfs = join(directory, 'rootfs');
    mkdirSync(rootfs);
    const keyring = '--keyring=/usr/share/keyrings/debian-archive-keyring.gpg';
    await runCommand('debootstrap', ['--variant=minbase', keyring, 'sid', rootfs, await debianMirror()]);
    await runCommand('sh', ['-e', '-c', STRIP_SCRIPT], { cwd: rootfs });
    writeFileSync(join(rootfs, 'etc/resolv.conf'), '');
    await runCommand('tar', ['-cf', join(directory, 'rootfs.tar'), '-C', rootfs, '.']);
    rmSync(rootfs, { recursive: true });
  });
}
