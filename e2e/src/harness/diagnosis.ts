import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { type Resource, resources } from './kube-api.ts';
import { podShape } from './kube-objects.ts';
import { messageOf } from './wait-for.ts';

const LOG_LINES = 3000;

/** Writes down what the API server and the logs know about some namespaces, for whoever looks into a failure. Never throws. */
export async function collectDiagnosis(env: Environment, namespaces: readonly string[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const namespace of namespaces) {
    const kinds: Resource[] = [
      resources.clusters,
      resources.pods,
      resources.events,
      resources.statefulSets,
      resources.deployments,
      resources.leases,
    ];
    kinds.push(resources.endpointSlices, resources.claims, resources.configMaps);
    for (const kind of kinds)
      await save(folder, `${namespace}.${kind.plural}.json`, async () =>
        JSON.stringify(await env.kube.list(kind, namespace), undefined, 2),
      );
    await saveLogs(env, namespace, folder);
  }
  await save(folder, 'nodes.json', async () => JSON.stringify(await env.kube.list(resources.nodes, ''), undefined, 2));
}

async function saveLogs(env: Environment, namespace: string, folder: string): Promise<void> {
  const pods = await env.kube.list(resources.pods, namespace).catch(() => []);
  for (const { metadata, spec, status } of pods.map((pod) => podShape.parse(pod))) {
    for (const { name } of [...spec.initContainers, ...spec.containers]) {
      const file = `${namespace}.${metadata.name}.${name}`;
      await save(folder, `${file}.log`, () => env.kube.logs(namespace, metadata.name, name, { tailLines: LOG_LINES }));
      const restarts = status.containerStatuses.find((container) => container.name === name)?.restartCount ?? 0;
      if (restarts > 0)
        await save(folder, `${file}.previous.log`, () =>
          env.kube.logs(namespace, metadata.name, name, { tailLines: LOG_LINES, previous: true }),
        );
    }
  }
}

async function save(folder: string, name: string, text: () => Promise<string>): Promise<void> {
  try {
    writeFileSync(join(folder, name), await text());
  } catch (error) {
    writeFileSync(join(folder, `${name}.error`), messageOf(error));
  }
}
