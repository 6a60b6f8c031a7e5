import { resources } from '../../harness/kube-api.ts';
import { connectNats } from '../../harness/nats-access.ts';
import { observeFor } from '../../harness/observe.ts';
import type { Stage } from '../../harness/scenario.ts';
import { OperatorServices, serviceNames } from '../../harness/services.ts';
import type { TestCluster } from '../../harness/test-cluster.ts';
import { expectThat, waitFor } from '../../harness/wait-for.ts';
import type { BadInput } from './bad-input-case.ts';

const WATCH_MS = 5000;

const malformedMessages: BadInput = {
  what: 'malformed messages on NATS by a user who may publish there',
  run: async (stage, cluster) => {
    const services = await OperatorServices.find(stage.env.kube);
    const restarts = await restartsOf(services);
    const nats = await connectNats(stage.env, services, 'topology-engine');
    try {
      const subject = `mysql.v1.evt.${cluster.namespace}.${cluster.name}.topology.primary-opened`;
      const { primary, epoch } = await cluster.topology();
      const lies = { primary: `${primary}-of-nobody`, epoch: epoch + 1_000_000, previous: '', kind: 'failover' };
      for (const payload of [
        '',
        '{',
        'null',
        '[]',
        '{"primary":7}',
        JSON.stringify(lies),
        'x'.repeat(900_000),
        Buffer.from([0xff, 0xfe, 0x00]),
      ]) {
        nats.publish(subject, payload);
      }
      nats.publish(`mysql.v1.evt.${cluster.namespace}.${cluster.name}.topology.nonsense`, '{}');
      await nats.flush();
    } finally {
      await nats.close();
    }
    await observeFor(WATCH_MS);
    expectThat((await restartsOf(services)) === restarts, 'a service restarted');
    await cluster.waitFullyRedundant(10_000);
  },
};

const hostileLabels: BadInput = {
  what: 'a replica that is labelled role=master by hand',
  run: async (stage, cluster) => {
    const { primary } = await cluster.topology();
    const replica = (await cluster.pods()).find(({ metadata }) => metadata.name !== primary);
    expectThat(replica !== undefined, 'there is no replica');
    await label(stage, cluster, replica.metadata.name, { role: 'master', healthy: 'perhaps' });
    await waitFor(
      'the labels are put right',
      async () => {
        const { labels } = (await cluster.pod(replica.metadata.name)).metadata;
        return labels.role === 'replica' && labels.healthy === 'yes';
      },
      { timeoutMs: 15_000 },
    );
  },
};

const strangePod: BadInput = {
  what: "a strange pod with the cluster's labels",
  run: async (stage, cluster) => {
    const labels = {
      'mysql.presslabs.org/cluster': cluster.name,
      'app.kubernetes.io/name': 'mysql',
      'app.kubernetes.io/managed-by': 'mysql.presslabs.org',
    };
    const metadata = { name: `${cluster.name}-mysql-stranger`, labels };
    const containers = [
      {
        name: 'mysql',
        image: stage.env.loadClientImage,
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', '600'],
      },
    ];
    await stage.env.kube.create(resources.pods, cluster.namespace, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { terminationGracePeriodSeconds: 0, containers },
    });
    try {
      await observeFor(WATCH_MS);
      const { instances } = await cluster.topology();
      expectThat(
        instances.every(({ name }) => name !== metadata.name),
        'it counts as an instance',
      );
      expectThat((await cluster.endpoints('master')).length === 1, 'the master Service changed');
    } finally {
      await stage.env.kube.remove(resources.pods, cluster.namespace, metadata.name, { gracePeriodSeconds: 0 });
    }
  },
};

const hugeAnnotations: BadInput = {
  what: 'an annotation of 10 MB, and one that just fits',
  run: async (stage, cluster) => {
    const { primary } = await cluster.topology();
    const annotate = async (size: number | null): Promise<number> => {
      const patch = { metadata: { annotations: { 'example.com/large': size === null ? null : 'x'.repeat(size) } } };
      const target = `/api/v1/namespaces/${cluster.namespace}/pods/${primary}`;
      return (await stage.env.kube.request('PATCH', target, patch, 'application/merge-patch+json')).status;
    };
    const refused = await annotate(10_000_000);
    expectThat(refused >= 400, `10 MB were accepted with ${refused}`);
    expectThat((await annotate(250_000)) === 200, '250 kB were refused');
    await observeFor(WATCH_MS);
    await annotate(null);
    await cluster.waitFullyRedundant(10_000);
  },
};

export const hostileInputs: readonly BadInput[] = [malformedMessages, hostileLabels, strangePod, hugeAnnotations];

async function label(
  stage: Stage,
  cluster: TestCluster,
  pod: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  await stage.env.kube.merge(resources.pods, cluster.namespace, pod, { metadata: { labels } });
}

/** Names and restarts of all pods of the services, as one text to compare. */
async function restartsOf(services: OperatorServices): Promise<string> {
  const pods = (await Promise.all(serviceNames.map((service) => services.pods(service)))).flat();
  return pods
    .map(
      ({ metadata, status }) =>
        `${metadata.name} ${status.containerStatuses.map(({ restartCount }) => restartCount).join()}`,
    )
    .sort()
    .join('; ');
}
