import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { hostPackages } from './debian-packages.ts';
import { withLock } from './lock.ts';
import { cacheDir } from './paths.ts';
import { runCommand } from './run-command.ts';

const EXPORT_WAIT_MS = 10 * 60_000;

/** All images in one OCI layout, so that a layer which several of them share is stored, and imported, once. */
export const ociLayoutDir = join(cacheDir, 'images/layout');

export interface ImageRecipe {
  readonly name: string;
  /** Changes whenever something that goes into the image does. */
  readonly key: string;
  readonly dockerfile: string;
  readonly context: string;
  /** What to build on instead of the Dockerfile's public base image. */
  readonly base?: string;
}

export interface BuiltImage {
  readonly name: string;
  readonly key: string;
  /** Of the manifest in the OCI layout. */
  readonly digest: string;
}

/** Builds the image, unless it is in the cache, and adds it to the OCI layout. */
export async function buildImage(recipe: ImageRecipe): Promise<BuiltImage> {
  const { name, key } = recipe;
  const entry = await cached(`images/${name}`, key, async (directory) => {
    await hostPackages(['buildah']);
    const aptCache = join(cacheDir, 'images/apt');
    for (const part of ['lists', 'archives']) mkdirSync(join(aptCache, part), { recursive: true });
    const base = recipe.base === undefined ? [] : ['--build-arg', `BASE=${recipe.base}`];
    const volumes = [
      '/etc/resolv.conf:/etc/resolv.conf:ro',
      // How this machine's apt reaches its mirror.
      '/etc/apt/apt.conf.d:/etc/apt/apt.conf.d:ro',
      // Package lists and packages are fetched once, and no layer contains them.
      `${aptCache}/lists:/var/lib/apt/lists`,
      `${aptCache}/archives:/var/cache/apt/archives`,
    ].flatMap((volume) => ['--volume', volume]);
    const isolation = ['--isolation', 'chroot', '--network', 'host', '--pull-never'];
    await buildah(
      'bud',
      ...isolation,
      ...volumes,
      ...base,
      '--file',
      recipe.dockerfile,
      '--tag',
      localReference(name, key),
      recipe.context,
    );
    await exportTo(join(directory, 'digest'), localReference(name, key));
  });
  return { name, key, digest: readFileSync(join(entry, 'digest'), 'utf8').trim() };
}

/** The name of an image in buildah's own store, for building on it. */
export function localReference(name: string, key: string): string {
  return `localhost/pilotfish/${name}:${key}`;
}

async function exportTo(digestFile: string, reference: string): Promise<void> {
  await withLock(`${ociLayoutDir}.lock`, { waitMs: EXPORT_WAIT_MS }, async () => {
    mkdirSync(ociLayoutDir, { recursive: true });
    // Only the blobs matter; an index that was being written when the machine stopped would be in the way.
    rmSync(join(ociLayoutDir, 'index.json'), { force: true });
    await buildah('push', '--digestfile', digestFile, reference, `oci:${ociLayoutDir}:image`);
  });
}

async function buildah(command: string, ...args: string[]): Promise<string> {
  const store = [
    '--root',
    join(cacheDir, 'buildah'),
    '--runroot',
    '/run/pilotfish/buildah',
    '--storage-driver',
    'overlay',
  ];
  const policy = join(cacheDir, 'images/policy.json');
  writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  return await runCommand('buildah', [...store, command, '--signature-policy', policy, ...args]);
}
