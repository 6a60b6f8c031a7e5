import { z } from 'zod';
import { faultScenario } from '../../harness/fault-scenario.ts';
import { resources } from '../../harness/kube-api.ts';
import { nodeShape } from '../../harness/kube-objects.ts';
import { signalMysqld } from '../../harness/mysqld-process.ts';
import { cutApiServer, powerOff, powerOn } from '../../harness/node-faults.ts';
import { observeFor } from '../../harness/observe.ts';
import type { Stage } from '../../harness/scenario.ts';
import { OperatorServices } from '../../harness/services.ts';
import type { TestCluster } from '../../harness/test-cluster.ts';
import { expectThat, waitFor } from '../../harness/wait-for.ts';

const ATTEMPTS = 5;

export const natsDown = faultScenario({
  name: 'nats-down',
  summary: 'the primary is killed while there is no NATS',
  expectation: 'failover',
  fault: {
    inject: async ({ stage, primary }) => {
      const services = await OperatorServices.find(stage.env.kube);
      const replicas = await services.scaleNats(0);
      signalMysqld(primary.metadata.uid, 'SIGKILL');
      return () => services.scaleNats(replicas);
    },
  },
});

export const apiServerDown = faultScenario({
  name: 'api-server-down',
  summary: 'the primary is killed while no node reaches the API server, which is back after 15 s',
  expectation: 'writes come back with the API server at the latest',
  fault: {
    ending: 'either',
    unexplainedBecause: 'the status can not be written',
    inject: async ({ stage, primary }) => {
      const reach = await cutApiServer();
      try {
        await observeFor(3_000);
        signalMysqld(primary.metadata.uid, 'SIGKILL');
        await observeFor(12_000);
      } finally {
        await reach();
      }
      await waitFor('nodes without taints', async () => untainted(await stage.env.kube.list(resources.nodes, '')), {
        timeoutMs: 60_000,
      });
    },
  },
});

export const engineAndPrimaryLosePower = faultScenario({
  name: 'engine-and-primary-lose-power',
  summary: 'the node of the primary loses its power, and a topology engine on it as well',
  expectation: 'failover',
  fault: {
    prepare: primaryBesideAnEngine,
    inject: async ({ primary: { spec } }) => {
      await powerOff(spec.nodeName ?? '');
      return () => powerOn(spec.nodeName ?? '');
    },
  },
});

/** The taint of a node that was silent for too long has its pods evicted later: that must not fall into what comes next. */
function untainted(nodes: readonly unknown[]): boolean {
  return z
    .array(nodeShape)
    .parse(nodes)
    .every(({ spec }) => spec.taints.length === 0);
}

/** Moves the primary by switchovers until an engine runs on its node. */
async function primaryBesideAnEngine(stage: Stage, cluster: TestCluster): Promise<void> {
  const services = await OperatorServices.find(stage.env.kube);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const nodes = (await services.pods('topology-engine')).map(({ spec }) => spec.nodeName);
    const { metadata, spec } = await cluster.primary();
    if (nodes.includes(spec.nodeName)) return;
    await stage.env.kube.remove(resources.pods, cluster.namespace, metadata.name);
    await cluster.waitFullyRedundant();
  }
  expectThat(false, `the primary did not come to a node with an engine in ${ATTEMPTS} switchovers`);
}
