import { basename, join } from 'node:path';
import { type BuiltImage, buildImage } from './buildah.ts';
import { cacheKey } from './cache.ts';
import { kubernetesBinaries } from './kubernetes-binary.ts';
import { repositoryRoot } from './paths.ts';

/** The images of the cluster itself: the pause container, and CoreDNS (the all-in-one binary). */
export async function kubernetesImages(): Promise<{ readonly pause: BuiltImage; readonly kubernetes: BuiltImage }> {
  return { pause: await build('base-pause'), kubernetes: await build('base-kubernetes') };
}

export async function sandboxImage(): Promise<string> {
  return clusterImageReference((await kubernetesImages()).pause);
}

/** What the nodes call an image of the cluster itself. */
export function clusterImageReference(image: BuiltImage): string {
  return `docker.io/pilotfish/${image.name}:${image.key}`;
}

async function build(name: string): Promise<BuiltImage> {
  const context = await kubernetesBinaries();
  const dockerfile = join(repositoryRoot, 'infra/images', name, 'Dockerfile');
  return await buildImage({ name, key: cacheKey(basename(context), { file: dockerfile }), dockerfile, context });
}
