import { baseFor } from './base-images.ts';
import { installChart, valuesForImages, valuesForRegistry } from './chart.ts';
import { ensureCluster, prepareHost } from './cluster.ts';
import { usesOwnCluster } from './kubectl.ts';
import { loadImages } from './load-images.ts';
import { closingPage } from './page.ts';
import { type ProjectImage, projectImages } from './project-images.ts';
import { checkSample, ensureSample } from './sample.ts';
import { Steps } from './steps.ts';
import { toolPaths } from './tools.ts';

export interface UpOptions {
  readonly pilotfish: boolean;
  readonly sample: boolean;
}

/** From whatever is there to a running system; each part does only what is missing. */
export async function bringUp(options: UpOptions): Promise<void> {
  const steps = new Steps();
  if (usesOwnCluster()) await onOwnCluster(steps, options);
  else await onLocalCluster(steps, options);
  if (options.pilotfish && options.sample) {
    await steps.run('sample cluster', ensureSample);
    await steps.run('a write through the primary, read from a replica', checkSample);
  }
  console.log(`\n${steps.table()}\n`);
  if (options.pilotfish) console.log(await closingPage(options));
}

async function onLocalCluster(steps: Steps, options: UpOptions): Promise<void> {
  await steps.run('Debian packages', prepareHost);
  // The compiler uses both cores, but not all the time: the images are ready before it is.
  const [images] = await Promise.all([
    options.pilotfish ? imagesOfPilotfish(steps) : [],
    steps.run('Kubernetes binary', async (progress) => {
      const timer = setInterval(() => progress('still compiling, which takes about 7 minutes the first time'), 60_000);
      await toolPaths(['kubernetes']).finally(() => clearInterval(timer));
    }),
  ]);
  await ensureCluster(steps);
  if (!options.pilotfish) return;
  await steps.run('images onto the nodes', async (progress) => {
    const references = images.flatMap(({ repository, tag, digest }) =>
      [`${repository}:${tag}`, `${repository}:dev`].map((reference) => ({ reference, digest })),
    );
    await loadImages(references, progress);
  });
  await steps.run('chart pilotfish', async (progress) => await installChart(valuesForImages(images), progress));
}

async function imagesOfPilotfish(steps: Steps): Promise<readonly ProjectImage[]> {
  await steps.run('base images', async () => {
    for (const image of ['debian', 'node', 'mysql']) await baseFor(image);
  });
  return await steps.run('images of Pilotfish', projectImages);
}

async function onOwnCluster(steps: Steps, options: UpOptions): Promise<void> {
  if (!options.pilotfish) throw new Error('KUBECONFIG is set: there is a cluster already, which is used as it is.');
  const registry = process.env.PILOTFISH_REGISTRY;
  const tag = process.env.PILOTFISH_TAG;
  if (registry === undefined || tag === undefined) {
    throw new Error(
      'KUBECONFIG is set, so its cluster is used: say where it gets the images from, with PILOTFISH_REGISTRY and PILOTFISH_TAG.',
    );
  }
  await steps.run(
    'chart pilotfish',
    async (progress) => await installChart(valuesForRegistry(registry, tag), progress),
  );
}
