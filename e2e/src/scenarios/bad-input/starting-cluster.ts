import { waitForComplaint } from '../../harness/cluster-complaints.ts';
import { resources } from '../../harness/kube-api.ts';
import type { Stage } from '../../harness/scenario.ts';
import { applicationSecret, TestCluster } from '../../harness/test-cluster.ts';
import type { BadInput } from './bad-input-case.ts';

const COMPLAINT_TIMEOUT_MS = 60_000;
const HEALING_TIMEOUT_MS = 120_000;

export const missingSecret: BadInput = {
  what: 'a Secret that is missing, and comes',
  run: (stage, { namespace }) =>
    complainAndHeal(stage, new TestCluster(stage.env, namespace, 'no-secret'), {
      pattern: /no-secret-secret/,
      heal: ({ name }) => stage.env.kube.create(resources.secrets, namespace, applicationSecret(`${name}-secret`)),
    }),
};

export const missingKey: BadInput = {
  what: 'a Secret without ROOT_PASSWORD, and the key comes',
  run: async (stage, { namespace }) => {
    const cluster = new TestCluster(stage.env, namespace, 'no-key');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'no-key-secret' },
      stringData: { USER: 'app' },
    };
    await stage.env.kube.create(resources.secrets, namespace, secret);
    await complainAndHeal(stage, cluster, {
      pattern: /ROOT_PASSWORD/,
      heal: () =>
        stage.env.kube.merge(resources.secrets, namespace, 'no-key-secret', applicationSecret('no-key-secret')),
    });
  },
};

export const imageThatCannotBePulled: BadInput = {
  what: 'an image that cannot be pulled, and is put right',
  run: async (stage, { namespace }) => {
    const cluster = new TestCluster(stage.env, namespace, 'no-image');
    await stage.env.kube.create(resources.secrets, namespace, applicationSecret('no-image-secret'));
    await complainAndHeal(stage, cluster, {
      spec: { image: 'registry.invalid/mysql:none' },
      pattern: /registry\.invalid|pull/i,
      // A null in a merge patch takes the field away, so that the version chooses the image again.
      heal: () => cluster.update({ image: null }),
    });
  },
};

interface Story {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly pattern: RegExp;
  readonly heal: (cluster: TestCluster) => Promise<unknown>;
}

/** Creates a cluster that can't start, waits for the sentence that says why, takes the cause away, and waits until the cluster works. */
async function complainAndHeal(stage: Stage, cluster: TestCluster, { spec, pattern, heal }: Story): Promise<void> {
  await stage.env.kube.create(
    resources.clusters,
    cluster.namespace,
    cluster.manifest({ replicas: 1, ...(spec && { spec }) }),
  );
  try {
    const { condition, event } = await waitForComplaint(stage.env, cluster, pattern, COMPLAINT_TIMEOUT_MS);
    stage.log(`${cluster.name}: ${condition} | ${event}`);
    await heal(cluster);
    await cluster.waitFullyRedundant(HEALING_TIMEOUT_MS);
  } finally {
    await stage.env.kube.remove(resources.clusters, cluster.namespace, cluster.name);
  }
}
