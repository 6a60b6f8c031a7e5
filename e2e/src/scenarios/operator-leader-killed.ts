import { faultRound } from '../harness/fault-rounds.ts';
import { resources } from '../harness/kube-api.ts';
import { isReady } from '../harness/kube-objects.ts';
import { signalMysqld } from '../harness/mysqld-process.ts';
import { describeChanges, PodHistory } from '../harness/pod-history.ts';
import { killPod } from '../harness/pod-processes.ts';
import type { Scenario, Stage } from '../harness/scenario.ts';
import { OperatorServices, type ServiceName, serviceNames } from '../harness/services.ts';
import { expectSteadyWrites } from '../harness/steady-writes.ts';
import { expectThat, waitFor } from '../harness/wait-for.ts';
import { WriteWatch } from '../harness/write-watch.ts';
import { timestampMs } from '../load-client/timestamp.ts';

/** The leases of the services, and the time for one more attempt of whoever waits for them. */
const TAKE_OVER_MS = 10_000;

export const operatorLeaderKilled: Scenario = {
  name: 'operator-leader-killed',
  summary: "each service's leader is killed: nothing changes for MySQL, and another takes over within the lease time",
  needsLocalCluster: true,
  run: async (stage) => {
    const services = await OperatorServices.find(stage.env.kube);
    const cluster = await stage.sharedCluster();
    for (const service of serviceNames) await atLeastTwo(stage, services, service);

    const watch = await WriteWatch.start(stage, cluster);
    const startMs = timestampMs();
    const history = await PodHistory.start(cluster);
    await killLeader(stage, services, 'cluster-controller');
    await killLeader(stage, services, 'service-syncer');
    // Every engine has clusters of its own: killing one after the other is sure to hit the one of this cluster.
    for (const { metadata } of await services.pods('topology-engine')) {
      await killPod(stage.env, services.namespace, metadata);
      await allReady(services, 'topology-engine');
    }
    const sightings = await history.stop();
    stage.findings.expect(sightings.length === 1, `something changed: ${describeChanges(sightings)}`);
    const { records } = await watch.finish();
    stage.findings.addOutage(expectSteadyWrites(stage, records, startMs));

    await controllerStillWorks(stage, await stage.sharedCluster());
    await failoverWithoutTheOwner(stage, services);
  },
};

async function atLeastTwo(stage: Stage, services: OperatorServices, service: ServiceName): Promise<void> {
  const { spec } = await services.deployment(service);
  if (spec.replicas >= 2) return;
  stage.afterwards(`scale ${service} back`, () => services.scale(service, spec.replicas));
  await services.scale(service, 2);
}

async function killLeader(stage: Stage, services: OperatorServices, service: ServiceName): Promise<void> {
  const leader = await waitFor(`${service} has a leader`, () => services.leader(service), { timeoutMs: 20_000 });
  const pod = (await services.pods(service)).find(({ metadata }) => leader.includes(metadata.name));
  expectThat(pod !== undefined, `the leader ${leader} of ${service} is none of its pods`);
  const killedMs = performance.now();
  await killPod(stage.env, services.namespace, pod.metadata);
  const next = await waitFor(
    `another ${service} leads`,
    async () => {
      const holder = await services.leader(service);
      return holder !== undefined && holder !== '' && holder !== leader ? holder : undefined;
    },
    { timeoutMs: 30_000 },
  );
  const tookMs = performance.now() - killedMs;
  stage.log(`${service}: ${leader} killed, ${next} leads after ${(tookMs / 1000).toFixed(1)} s`);
  stage.findings.expect(tookMs < TAKE_OVER_MS, `${service} had no leader for ${Math.round(tookMs)} ms`);
  await allReady(services, service);
}

async function allReady(services: OperatorServices, service: ServiceName): Promise<void> {
  await waitFor(
    `all replicas of ${service} are back`,
    async () => {
      const { spec } = await services.deployment(service);
      const pods = await services.pods(service);
      return pods.length === spec.replicas && pods.every(isReady);
    },
    { timeoutMs: 60_000 },
  );
}

/** A changed spec is noticed by the controller that leads now. */
async function controllerStillWorks(stage: Stage, cluster: Awaited<ReturnType<Stage['sharedCluster']>>): Promise<void> {
  const { metadata } = await cluster.object();
  await stage.env.kube.merge(resources.clusters, cluster.namespace, cluster.name, { spec: { maxSlaveLatency: 31 } });
  await waitFor(
    'the new controller has seen a changed spec',
    async () => ((await cluster.object()).status.observedGeneration ?? 0) > metadata.generation,
    { timeoutMs: 15_000 },
  );
}

/** The primary fails at the moment in which an engine is killed: another one has to see to it, after the lease time at most. */
async function failoverWithoutTheOwner(stage: Stage, services: OperatorServices): Promise<void> {
  for (const { metadata } of await services.pods('topology-engine')) {
    await faultRound(
      stage,
      await stage.sharedCluster(),
      {
        ending: 'either',
        unexplainedBecause: 'nobody may speak for the cluster before the lease of the killed engine is over',
        inject: async ({ primary }) => {
          await killPod(stage.env, services.namespace, metadata);
          signalMysqld(primary.metadata.uid, 'SIGKILL');
        },
      },
      `primary and ${metadata.name} killed together`,
    );
    await allReady(services, 'topology-engine');
  }
}
