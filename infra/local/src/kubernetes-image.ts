import { basename, join } from 'node:path';
import { type BuiltImage, buildImage } from './buildah.ts';
import { cacheKey } from './cache.ts';
import { kubernetesBinaries } from './kubernetes-binary.ts';
import { repositoryRoot } from './paths.ts';

/** The images of the cluster itself: the pause container, and CoreDNS (the all-in-one binary). */
export async function kubernetesImages(): Promise<{ readonly pause: BuiltImage; readonly kubernetes: BuiltImage }> {
  const binaries = await kubernetesBinaries();
  return {
    pause: await build('base-pause', binaries, cacheKey({ file: join(binaries, 'pause') })),
    // The folder is named by what its content was compiled from; the file is too large to read every time.
    kubernetes: await build('base-kubernetes', binaries, basename(binaries)),
  };
}

export async function sandboxImage(): Promise<string> {
  return clusterImageReference((await kubernetesImages()).pause);
}

/** What the nodes call an image of the cluster itself. */
export function clusterImageReference(image: BuiltImage): string {
  return `docker.io/pilotfish/${image.name}:${image.key}`;
}

async function build(name: string, context: string, contentKey: string): Promise<BuiltImage> {
  const dockerfile = join(repositoryRoot, 'infra/images', name, 'Dockerfile');
  return await buildImage({ name, key: cacheKey(contentKey, { file: dockerfile }), dockerfile, context });
}
