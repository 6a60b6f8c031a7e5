import { userSecretKeys } from '@pilotfish/api';
import { type KubeClient, KubeError, secrets } from '@pilotfish/kube';
import type { Problem } from '../model/problem.ts';

/**
 * The Secret that the user makes; never created, changed or owned here. Nothing else of the cluster waits for it: the
 * kubelet starts the sidecars as soon as it is there.
 */
export async function checkUserSecret(
  client: Pick<KubeClient, 'find'>,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Problem[]> {
  try {
    const secret = await client.find(secrets, { namespace, name }, { signal });
    const key = userSecretKeys.rootPassword;
    if (secret === undefined) {
      const message = `Secret ${name} does not exist in namespace ${namespace}. Create it with the key ${key}; the cluster starts by itself.`;
      return [{ reason: 'SecretNotFound', message, blocks: 'nothing' }];
    }
    if (secret.data?.[key]) return [];
    const message = `Secret ${name} has no ${key}, or an empty one. Add the key; the cluster starts by itself.`;
    return [{ reason: 'SecretKeyMissing', message, blocks: 'nothing' }];
  } catch (error) {
    if (!(error instanceof KubeError && error.isForbidden)) throw error;
    const message = `Secret ${name} cannot be read: ${error.message}. Let the operator's service account read it.`;
    return [{ reason: 'SecretNotFound', message, blocks: 'nothing' }];
  }
}
