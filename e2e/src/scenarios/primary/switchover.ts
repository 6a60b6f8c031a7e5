import { z } from 'zod';
import { EngineUser } from '../../harness/engine-user.ts';
import { faultScenario } from '../../harness/fault-scenario.ts';
import { aReplica, type Scene } from '../../harness/scene.ts';

const run = z.object({ state: z.string(), by: z.string(), to: z.string(), message: z.string().optional() });
const refusal = z.object({ reason: z.string() });

export const primarySwitchover = faultScenario({
  name: 'primary-switchover',
  summary: 'a user orders a switchover to a replica by the API of the engines; one who may only look is refused',
  expectation: 'failover, planned',
  rounds: 3,
  anywhere: true,
  fault: {
    inject: async (scene) => {
      await refuseViewer(scene);
      await orderSwitchover(scene);
    },
  },
});

async function refuseViewer({ stage, cluster }: Scene): Promise<void> {
  const viewer = await EngineUser.withRole(stage.env.kube, cluster, 'viewer');
  const { status, body } = await viewer.order('switchover', {});
  stage.findings.expect(
    status === 403 && refusal.safeParse(body).data?.reason === 'Forbidden',
    `who may only look was answered ${status}: ${JSON.stringify(body)}`,
  );
}

async function orderSwitchover(scene: Scene): Promise<void> {
  const { stage, cluster, before } = scene;
  const user = await EngineUser.withRole(stage.env.kube, cluster, 'operator-user');
  const to = aReplica(scene).metadata.name;
  const { status, body } = await user.order('switchover', { to, epoch: before.epoch, reason: 'e2e' });
  const ended = run.safeParse(body).data;
  stage.findings.expect(
    status === 200 && ended?.state === 'succeeded' && ended.to === to && ended.by === user.name,
    `the switchover to ${to} was answered ${status}: ${JSON.stringify(body)}`,
  );
}
