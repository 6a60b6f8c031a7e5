import { faultScenario } from '../../harness/fault-scenario.ts';
import { resources } from '../../harness/kube-api.ts';
import { hangMysqld, signalMysqld } from '../../harness/mysqld-process.ts';
import { cutOff, joinAgain } from '../../harness/node-faults.ts';
import { killPod, killProcesses, processesOfPod } from '../../harness/pod-processes.ts';
import type { Scene } from '../../harness/scene.ts';
import { OperatorServices } from '../../harness/services.ts';
import { takeOver, writesAgain } from '../../harness/take-over.ts';
import { expectThat } from '../../harness/wait-for.ts';
import { timestampMs } from '../../load-client/timestamp.ts';

const BEGUN_WITHIN_MS = 60_000;
const GIVEN_UP_WITHIN_MS = 30_000;

/** The operation that the status names first from now on: its engine, and who shall lead. */
async function operationBegins({ status }: Scene): Promise<{ engine: string; to: string }> {
  const { operation } = await status.seen(
    'an operation',
    (sighting) => sighting.operation !== undefined,
    BEGUN_WITHIN_MS,
  );
  expectThat(operation !== undefined, 'the operation is over');
  return operation;
}

/** The operation that the status named first is over, or somebody else shall lead. */
async function givenUp(scene: Scene): Promise<void> {
  const { to } = await operationBegins(scene);
  const sinceMs = timestampMs();
  await scene.status.seen(
    `that ${to} is not to lead any more`,
    ({ atMs, operation }) => atMs > sinceMs && operation?.to !== to,
    GIVEN_UP_WITHIN_MS,
  );
}

export const engineKilledMidFailover = faultScenario({
  name: 'engine-killed-mid-failover',
  summary: 'the engine that carries out a failover is killed as soon as the status names it',
  expectation: 'failover, carried to its end by another engine',
  fault: {
    inject: async (scene) => {
      const services = await OperatorServices.find(scene.stage.env.kube);
      const engines = await services.pods('topology-engine');
      // Found before, as the failover does not wait for somebody to look through all processes.
      const pids = new Map(engines.map(({ metadata }) => [metadata.name, processesOfPod(metadata.uid)]));
      signalMysqld(scene.primary.metadata.uid, 'SIGKILL');
      const { engine } = await operationBegins(scene);
      killProcesses(pids.get(engine) ?? []);
      scene.stage.log(`${engine} is killed while it carries out the failover`);
      const killed = engines.find(({ metadata }) => metadata.name === engine);
      if (killed !== undefined) await killPod(scene.stage.env, services.namespace, killed.metadata);
    },
    shows: takeOver,
  },
});

export const networkBackMidFailover = faultScenario({
  name: 'network-back-mid-failover',
  summary: 'the node of the primary is cut off, and joins again as soon as the failover has begun',
  expectation: 'failover; the old primary is closed',
  fault: {
    inject: async (scene) => {
      const node = scene.primary.spec.nodeName ?? '';
      await cutOff(node);
      try {
        await operationBegins(scene);
      } finally {
        await joinAgain(node);
      }
    },
    shows: takeOver,
    watchMs: 10_000,
  },
});

export const switchoverTargetDies = faultScenario({
  name: 'switchover-target-dies',
  summary: 'the pod of the primary is deleted, and the instance that shall lead is killed as soon as it is named',
  expectation: 'somebody leads, whoever it is',
  fault: {
    ending: 'either',
    inject: async (scene) => {
      const { stage, cluster, primary } = scene;
      await stage.env.kube.remove(resources.pods, cluster.namespace, primary.metadata.name);
      const { to } = await operationBegins(scene);
      signalMysqld((await cluster.pod(to)).metadata.uid, 'SIGKILL');
      stage.log(`${to} is killed while it is to take over`);
    },
    shows: writesAgain,
  },
});

export const switchoverTargetHangs = faultScenario({
  name: 'switchover-target-hangs',
  summary: 'the same, but the instance that shall lead hangs',
  expectation: 'somebody leads, whoever it is',
  fault: {
    ending: 'either',
    inject: async (scene) => {
      const { stage, cluster, primary } = scene;
      await stage.env.kube.remove(resources.pods, cluster.namespace, primary.metadata.name);
      const { to } = await operationBegins(scene);
      stage.log(`${to} hangs while it is to take over`);
      return hangMysqld(await cluster.pod(to));
    },
    shows: async (scene) => {
      await givenUp(scene);
      await writesAgain(scene);
    },
  },
});
