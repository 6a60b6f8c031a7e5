import { z } from 'zod';
import { EngineUser } from '../../harness/engine-user.ts';
import { faultScenario } from '../../harness/fault-scenario.ts';
import { resources } from '../../harness/kube-api.ts';
import { nodeShape, type Pod } from '../../harness/kube-objects.ts';
import { signalMysqld } from '../../harness/mysqld-process.ts';
import { cutApiServer, powerOff, powerOn } from '../../harness/node-faults.ts';
import { observeFor } from '../../harness/observe.ts';
import type { Stage } from '../../harness/scenario.ts';
import { OperatorServices } from '../../harness/services.ts';
import type { TestCluster } from '../../harness/test-cluster.ts';
import { expectThat, waitFor } from '../../harness/wait-for.ts';

const HAND_OVER_MS = 20_000;
const leaseShape = z.object({ spec: z.object({ renewTime: z.string() }) });

export const natsDown = faultScenario({
  name: 'nats-down',
  summary: 'the primary is killed while there is no NATS',
  expectation: 'failover',
  fault: {
    inject: async ({ stage, primary }) => {
      const services = await OperatorServices.find(stage.env.kube);
      const replicas = await services.scaleNats(0);
      const bringBack = async (): Promise<void> => {
        await services.scaleNats(replicas);
      };
      stage.afterwards('bring NATS back', bringBack);
      signalMysqld(primary.metadata.uid, 'SIGKILL');
      return bringBack;
    },
  },
});

export const apiServerDown = faultScenario({
  name: 'api-server-down',
  summary: 'the primary is killed while no node reaches the API server, which is back after 10 s',
  expectation: 'writes come back with the API server at the latest',
  fault: {
    ending: 'either',
    unexplainedBecause: 'the status can not be written',
    inject: async ({ stage, primary }) => {
      const reach = await cutApiServer();
      try {
        await observeFor(3_000);
        signalMysqld(primary.metadata.uid, 'SIGKILL');
        // Not longer: a node that is silent for 20 s loses its pods, the load client among them.
        await observeFor(7_000);
      } finally {
        await reach();
      }
      await nodesAreWell(stage, new Date());
    },
  },
});

export const engineAndPrimaryLosePower = faultScenario({
  name: 'engine-and-primary-lose-power',
  summary:
    'the node of the primary loses its power, and a topology engine on it as well: the cluster is in the hands of another',
  expectation: 'failover',
  fault: {
    prepare: primaryBesideAnEngine,
    inject: async ({ primary: { spec } }) => {
      await powerOff(spec.nodeName ?? '');
      return () => powerOn(spec.nodeName ?? '');
    },
  },
});

/**
 * A node that was silent for too long is tainted when that is noticed, which may be after it has come back, and its pods are evicted
 * later: that must not fall into what comes next.
 */
async function nodesAreWell({ env: { kube } }: Stage, since: Date): Promise<void> {
  await waitFor(
    'every node to report, and to have no taint',
    async () => {
      const leases = z.array(leaseShape).parse(await kube.list(resources.leases, 'kube-node-lease'));
      const nodes = z.array(nodeShape).parse(await kube.list(resources.nodes, ''));
      const reported = leases.filter(({ spec }) => new Date(spec.renewTime) > since);
      return reported.length === nodes.length && nodes.every(({ spec }) => spec.taints.length === 0);
    },
    { timeoutMs: 60_000 },
  );
}

/** Has the instance lead that is beside the cluster's engine, which then hands the cluster over, so that both are not lost at once. */
async function primaryBesideAnEngine({ env }: Stage, cluster: TestCluster): Promise<void> {
  const services = await OperatorServices.find(env.kube);
  const engine = await ownerElsewhere(services, cluster);
  const beside = (await cluster.pods()).find(({ spec }) => spec.nodeName === engine.spec.nodeName);
  expectThat(beside !== undefined, `no instance runs on the node of ${engine.metadata.name}`);
  const to = beside.metadata.name;
  const user = await EngineUser.withRole(env.kube, cluster, 'operator-user');
  const { status, body } = await user.order('switchover', { to, reason: 'e2e' });
  expectThat(status === 200, `the switchover to ${to} was answered ${status}: ${JSON.stringify(body)}`);
  await ownerElsewhere(services, cluster);
}

/** Waits until the engine that owns the cluster is not on the node of its primary. */
async function ownerElsewhere(services: OperatorServices, cluster: TestCluster): Promise<Pod> {
  return await waitFor(
    "the cluster's engine is on another node than its primary",
    async () => {
      const [{ owner }, primary, engines] = await Promise.all([
        cluster.topology(),
        cluster.primary(),
        services.pods('topology-engine'),
      ]);
      const engine = engines.find(({ metadata }) => metadata.name === owner?.engine);
      return engine && engine.spec.nodeName !== primary.spec.nodeName ? engine : undefined;
    },
    { timeoutMs: HAND_OVER_MS },
  );
}
