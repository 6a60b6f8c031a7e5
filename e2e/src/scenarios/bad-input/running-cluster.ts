import { execFile } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import { promisify } from 'node:util';
import { z } from 'zod';
import { waitForComplaint } from '../../harness/cluster-complaints.ts';
import { resources } from '../../harness/kube-api.ts';
import { pathInPod } from '../../harness/pod-processes.ts';
import { OperatorServices } from '../../harness/services.ts';
import { expectThat, waitFor } from '../../harness/wait-for.ts';
import type { BadInput } from './bad-input-case.ts';

const run = promisify(execFile);
const COMPLAINT_TIMEOUT_MS = 90_000;
const BALLAST = 'e2e-ballast';

/** Fills the volume of a replica to the last byte, and frees it when the cluster has said so. */
export const fullVolume: BadInput = {
  what: 'a full volume of a replica, and room again',
  run: async (stage, cluster) => {
    const { primary } = await cluster.topology();
    const replica = (await cluster.pods()).find(({ metadata }) => metadata.name !== primary);
    expectThat(replica !== undefined, 'there is no replica');
    const folder = pathInPod(replica.metadata.uid, '/var/lib/mysql');
    await fill(folder);
    try {
      const { condition, event } = await waitForComplaint(
        stage.env,
        cluster,
        /VolumeFull|volume.*(full|room|space)|disk.*full/i,
        COMPLAINT_TIMEOUT_MS,
      );
      stage.log(`full volume of ${replica.metadata.name}: ${condition} | ${event}`);
    } finally {
      rmSync(`${pathInPod(replica.metadata.uid, '/var/lib/mysql')}/${BALLAST}`, { force: true });
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

async function fill(folder: string): Promise<void> {
  const { bavail, bsize } = statfsSync(folder);
  // All but the last blocks in one go, then the rest byte by byte until the file system refuses.
  const megabytes = Math.floor((bavail * bsize) / 1_048_576);
  const file = `${folder}/${BALLAST}`;
  await run('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M', `count=${megabytes + 8}`, 'conv=notrunc']).catch(
    () => undefined,
  );
  await run('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k', 'count=100000', 'oflag=append', 'conv=notrunc']).catch(
    () => undefined,
  );
}
