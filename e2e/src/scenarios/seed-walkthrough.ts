import { parseAllDocuments } from 'yaml';
import { checkContract } from '../harness/contract-check.ts';
import { type Fault, faultRound } from '../harness/fault-rounds.ts';
import { resources } from '../harness/kube-api.ts';
import { signalMysqld } from '../harness/mysqld-process.ts';
import { observeFor } from '../harness/observe.ts';
import { describeChanges, PodHistory } from '../harness/pod-history.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { OperatorServices, serviceNames } from '../harness/services.ts';
import { expectSteadyWrites } from '../harness/steady-writes.ts';
import { makeNamespace, TestCluster } from '../harness/test-cluster.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';
import { seedManifests } from './seed-manifest.ts';

const CREATION_TIMEOUT_MS = 420_000;
const ABSENCE_MS = 20_000;
/** Five instances on two cores. */
const WRITES_PER_SECOND = 60;

export const seedWalkthrough: Scenario = {
  name: 'seed-walkthrough',
  summary: "the old operator's manifest, unchanged: five instances, the contract's names, then what an admin would try",
  needsLocalCluster: true,
  run: async (stage) => {
    const cluster = await applySeed(stage);
    await checkContract(stage, cluster);

    const killed: Fault = {
      writesPerSecond: WRITES_PER_SECOND,
      inject: ({ primary }) => {
        signalMysqld(primary.metadata.uid, 'SIGKILL');
      },
    };
    await faultRound(stage, cluster, killed, 'the primary is killed');
    const deleted: Fault = {
      writesPerSecond: WRITES_PER_SECOND,
      inject: async ({ primary }) => {
        await stage.env.kube.remove(resources.pods, cluster.namespace, primary.metadata.name);
      },
    };
    await faultRound(stage, cluster, deleted, 'the pod of the primary is deleted');
    await operatorsComeAndGo(stage, cluster);
    await checkContract(stage, cluster);
  },
};

async function applySeed(stage: Stage): Promise<TestCluster> {
  await makeNamespace(stage.env, stage.namespace);
  const startMs = performance.now();
  for (const document of parseAllDocuments(seedManifests)) {
    const object = document.toJS() as { kind: string };
    await stage.env.kube.create(
      object.kind === 'Secret' ? resources.secrets : resources.clusters,
      stage.namespace,
      object,
    );
  }
  const cluster = new TestCluster(stage.env, stage.namespace, 'my-cluster-1');
  await cluster.waitFullyRedundant(CREATION_TIMEOUT_MS);
  stage.log(`five instances are there after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return cluster;
}

/** 1 → 3 → 2 replicas of each service, then none for a while, then as before: all under load, and nothing happens to MySQL. */
async function operatorsComeAndGo(stage: Stage, cluster: TestCluster): Promise<void> {
  const services = await OperatorServices.find(stage.env.kube);
  const watch = await WriteWatch.start(stage, cluster, { writesPerSecond: WRITES_PER_SECOND });
  const history = await PodHistory.start(cluster);
  const startMs = timestampMs();
  const before = await Promise.all(
    serviceNames.map(async (service) => ({ service, replicas: (await services.deployment(service)).spec.replicas })),
  );
  const all = (replicas: number): Promise<unknown> =>
    Promise.all(serviceNames.map((service) => services.scale(service, replicas)));
  const restore = (): Promise<unknown> =>
    Promise.all(before.map(({ service, replicas }) => services.scale(service, replicas)));
  stage.afterwards('scale the services back', async () => {
    await restore();
  });
  for (const replicas of [1, 3, 2, 0]) {
    await all(replicas);
    stage.log(`${replicas} replicas of each service`);
  }
  await observeFor(ABSENCE_MS);
  await restore();
  stage.log('the services are back');
  await observeFor(ABSENCE_MS);
  const sightings = await history.stop();
  stage.findings.expect(sightings.length === 1, `something changed: ${describeChanges(sightings)}`);
  await cluster.waitFullyRedundant();
  const { records } = await watch.finish();
  expectSteadyWrites(stage, records, startMs);
}
