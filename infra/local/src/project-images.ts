import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { baseFor } from './base-images.ts';
import { type BuiltImage, buildImage } from './buildah.ts';
import { cacheKey } from './cache.ts';
import { repositoryRoot } from './paths.ts';
import { pnpm } from './pnpm.ts';

export const localRegistry = 'docker.io/pilotfish';

const imagesDir = join(repositoryRoot, 'infra/images');

/** An image of this repository, under the name by which the nodes know it. */
export interface ProjectImage extends BuiltImage {
  readonly repository: string;
  /** Of the content: an image that hasn't changed keeps its tag, and the pods that run it aren't replaced. */
  readonly tag: string;
}

/** Builds every image of infra/images that isn't a base of others, from freshly bundled programs. */
export async function projectImages(progress: (text: string) => void): Promise<readonly ProjectImage[]> {
  await bundlePrograms();
  const images: ProjectImage[] = [];
  for (const name of projectImageNames()) {
    const image = await build(name);
    progress(`${name} ${image.tag}`);
    images.push(image);
  }
  return images;
}

function projectImageNames(): string[] {
  return readdirSync(imagesDir).filter(
    (name) => !name.startsWith('base-') && existsSync(join(imagesDir, name, 'Dockerfile')),
  );
}

async function bundlePrograms(): Promise<void> {
  await pnpm('--recursive', '--workspace-concurrency=2', 'run', 'bundle');
}

async function build(name: string): Promise<ProjectImage> {
  const dockerfile = join(imagesDir, name, 'Dockerfile');
  const context = repositoryRoot;
  const text = readFileSync(dockerfile, 'utf8');
  const publicBase = text.match(/^ARG BASE=(\S+)/m)?.[1];
  if (publicBase === undefined) throw new Error(`${dockerfile} does not begin with ARG BASE=<public image>`);
  const base = await baseFor(publicBase);
  const key = cacheKey(text, base, ...copiedPaths(text).map((path) => `${path} ${contentHash(join(context, path))}`));
  const image = await buildImage({ name, key, dockerfile, context, base });
  return {
    ...image,
    repository: `${localRegistry}/${name}`,
    tag: `dev-${image.digest.slice('sha256:'.length, 'sha256:'.length + 12)}`,
  };
}

/** What the COPY instructions take from the context: all that goes into an image besides its base and its Dockerfile. */
function copiedPaths(dockerfile: string): string[] {
  return [...dockerfile.matchAll(/^COPY (?!.*--from=)(.+)$/gm)].flatMap(([, operands = '']) => {
    const paths = operands.split(/\s+/).filter((word) => !word.startsWith('--'));
    return paths.slice(0, -1);
  });
}

function contentHash(path: string): string {
  if (!existsSync(path)) throw new Error(`${path} is missing; does its package have a script "bundle" that makes it?`);
  const hash = createHash('sha256');
  if (statSync(path).isFile()) return hash.update(readFileSync(path)).digest('hex');
  for (const entry of readdirSync(path).sort()) hash.update(`${entry} ${contentHash(join(path, entry))}\n`);
  return hash.digest('hex');
}
