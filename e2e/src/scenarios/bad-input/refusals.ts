import { KubeApiError, resources } from '../../harness/kube-api.ts';
import { type RefusedManifest, refusedManifests } from '../../harness/refused-manifests.ts';
import { TestCluster } from '../../harness/test-cluster.ts';
import { expectThat } from '../../harness/wait-for.ts';
import type { BadInput } from './bad-input-case.ts';

/** Manifests that the API server itself must refuse, with a sentence that names the field. */
export const refusals: readonly BadInput[] = refusedManifests.map((manifest) => ({
  what: `refused at the door: ${manifest.what}`,
  run: async ({ env }, { namespace }) => {
    const refusal = await refusalOf(() =>
      env.kube.create(resources.clusters, namespace, objectOf(env, namespace, manifest)),
    );
    if (refusal === undefined) {
      await env.kube.remove(resources.clusters, namespace, manifest.name);
      throw new Error('it was accepted');
    }
    expectThat(
      refusal.status === 422 || refusal.status === 400,
      `refused with status ${refusal.status}: ${refusal.message}`,
    );
    expectThat(manifest.says.test(refusal.message), `the refusal does not speak of it: ${refusal.message}`);
  },
}));

function objectOf(
  env: ConstructorParameters<typeof TestCluster>[0],
  namespace: string,
  { name, spec }: RefusedManifest,
): object {
  return new TestCluster(env, namespace, name).manifest({ replicas: 1, spec });
}

async function refusalOf(action: () => Promise<unknown>): Promise<KubeApiError | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof KubeApiError) return error;
    throw error;
  }
}
