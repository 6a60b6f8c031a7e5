import { faultScenario } from '../../harness/fault-scenario.ts';
import type { Pod } from '../../harness/kube-objects.ts';
import { observeFor } from '../../harness/observe.ts';
import { dropPackets } from '../../harness/packet-filter.ts';
import type { Scene } from '../../harness/scene.ts';
import { OperatorServices } from '../../harness/services.ts';
import { writesAgain } from '../../harness/take-over.ts';

/** Longer than every time-out that could mistake one broken direction for a dead server. */
const CUT_MS = 20_000;

const addressOf = ({ status }: Pod): string[] => (status.podIP === undefined ? [] : [status.podIP]);
const ofReplicas = ({ replicas }: Scene): string[] => replicas.flatMap(addressOf);

/** Whoever leads: writes must be acknowledged while the cut lasts, and after it. */
async function writesDespiteTheCut(scene: Scene): Promise<void> {
  await writesAgain(scene);
  await observeFor(CUT_MS);
}

export const primaryToReplicasCut = faultScenario({
  name: 'primary-to-replicas-cut',
  summary: 'what the primary sends its replicas is lost; everything else gets through',
  expectation: 'writes go on: by failover or without them',
  fault: {
    ending: 'either',
    inject: (scene) => dropPackets(scene.primary, { to: ofReplicas(scene) }),
    shows: writesDespiteTheCut,
    watchMs: 5_000,
  },
});

export const replicasToPrimaryCut = faultScenario({
  name: 'replicas-to-primary-cut',
  summary: 'what the replicas send the primary is lost; everything else gets through',
  expectation: 'writes go on: by failover or without them',
  fault: {
    ending: 'either',
    inject: (scene) => dropPackets(scene.primary, { from: ofReplicas(scene) }),
    shows: writesDespiteTheCut,
    watchMs: 5_000,
  },
});

export const primaryFromApiServerCut = faultScenario({
  name: 'primary-from-api-server-cut',
  summary: 'the pod of the primary does not reach the API server',
  expectation: 'no failover, writes go on',
  fault: {
    ending: 'no failover',
    inject: async ({ stage, primary }) => {
      const service = await stage.env.kube.apiAddresses();
      return await dropPackets(primary, { to: service, from: service });
    },
    shows: writesDespiteTheCut,
  },
});

export const primaryFromEngineCut = faultScenario({
  name: 'primary-from-engine-cut',
  summary: 'no engine reaches the pod of the primary; its replicas and its clients do',
  expectation: 'no failover: replicas still receive',
  fault: {
    ending: 'no failover',
    inject: async ({ stage, primary }) => {
      const services = await OperatorServices.find(stage.env.kube);
      const engines = (await services.pods('topology-engine')).flatMap(addressOf);
      return await dropPackets(primary, { to: engines, from: engines });
    },
    shows: async (scene) => {
      await scene.status.held(/ReplicasStillReceive/, 30_000);
      await writesDespiteTheCut(scene);
    },
  },
});

/** Nothing gets through to the clients, or else there was no cut. */
async function clientsAreCutOff({ stage, watch: { load } }: Scene): Promise<void> {
  await observeFor(CUT_MS / 2);
  const before = (await load.report()).acknowledged;
  await observeFor(CUT_MS / 2);
  const { acknowledged } = await load.report();
  stage.findings.expect(acknowledged === before, `${acknowledged - before} writes were acknowledged through the cut`);
}

const onlyClientsSeeIt = 'only the clients can see it: whoever looks after the cluster reaches the primary';

export const primaryFromClientsCut = faultScenario({
  name: 'primary-from-clients-cut',
  summary: 'the clients do not reach the primary, and it does not reach them; everybody else does',
  expectation: 'no failover; writes go on when the cut ends',
  fault: {
    ending: 'no failover',
    inject: ({ primary, watch }) => dropPackets(primary, { to: [watch.load.address], from: [watch.load.address] }),
    shows: clientsAreCutOff,
    unexplainedBecause: onlyClientsSeeIt,
  },
});

export const primaryToClientsCut = faultScenario({
  name: 'primary-to-clients-cut',
  summary: 'what the primary answers the clients is lost; what they ask it arrives, and is committed',
  expectation: 'no failover; writes go on when the cut ends',
  fault: {
    ending: 'no failover',
    inject: ({ primary, watch }) => dropPackets(primary, { to: [watch.load.address] }),
    shows: clientsAreCutOff,
    unexplainedBecause: onlyClientsSeeIt,
  },
});
