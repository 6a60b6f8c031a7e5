import { z } from 'zod';
import { waitForComplaint } from '../../harness/cluster-complaints.ts';
import { resources } from '../../harness/kube-api.ts';
import { OperatorServices } from '../../harness/services.ts';
import { fillVolume } from '../../harness/volumes.ts';
import { expectThat, waitFor } from '../../harness/wait-for.ts';
import type { BadInput } from './bad-input-case.ts';

const COMPLAINT_TIMEOUT_MS = 90_000;

/** Fills the volume of a replica to the last byte, and frees it when the cluster has said so. */
export const fullVolume: BadInput = {
  what: 'a full volume of a replica, and room again',
  run: async (stage, cluster) => {
    const { primary } = await cluster.topology();
    const replica = (await cluster.pods()).find(({ metadata }) => metadata.name !== primary);
    expectThat(replica !== undefined, 'there is no replica');
    const makeRoom = await fillVolume(replica);
    try {
      const { condition, event } = await waitForComplaint(
        stage.env,
        cluster,
        /VolumeFull|volume.*(full|room|space)|disk.*full/i,
        COMPLAINT_TIMEOUT_MS,
      );
      stage.log(`full volume of ${replica.metadata.name}: ${condition} | ${event}`);
    } finally {
      makeRoom();
    }
    await cluster.waitFullyRedundant();
  },
};

/**
 * Puts a wrong password of the operator's account into the operated Secret, which is to be told while the engines run; then
 * restarts the engines so that they need it, and puts it right.
 */
export const wrongPassword: BadInput = {
  what: 'a wrong password in the operated Secret, and the right one again',
  run: async (stage, cluster) => {
    const name = `${cluster.name}-mysql-operated`;
    const secret = secretShape.parse(await stage.env.kube.get(resources.secrets, cluster.namespace, name));
    const right = secret.data.OPERATOR_PASSWORD;
    const put = (value: string): Promise<unknown> =>
      stage.env.kube.merge(resources.secrets, cluster.namespace, name, { data: { OPERATOR_PASSWORD: value } });
    await put(Buffer.from('not-the-password').toString('base64'));
    try {
      const told = await waitForComplaint(stage.env, cluster, /OPERATOR_PASSWORD/, COMPLAINT_TIMEOUT_MS);
      stage.log(`wrong password, seen by a running engine: ${told.condition} | ${told.event}`);
      const services = await OperatorServices.find(stage.env.kube);
      for (const { metadata } of await services.pods('topology-engine')) {
        await stage.env.kube.remove(resources.pods, services.namespace, metadata.name);
      }
      const pattern = /password|credential|access denied|OPERATOR_PASSWORD/i;
      const { condition, event } = await waitForComplaint(stage.env, cluster, pattern, COMPLAINT_TIMEOUT_MS);
      stage.log(`wrong password: ${condition} | ${event}`);
    } finally {
      await put(right);
    }
    for (const type of ['Ready', 'CredentialsValid']) {
      await waitFor(`${type} is True again`, async () => (await cluster.condition(type))?.status === 'True', {
        timeoutMs: 60_000,
      });
    }
    await cluster.waitFullyRedundant();
  },
};

const secretShape = z.object({ data: z.object({ OPERATOR_PASSWORD: z.string() }) });
