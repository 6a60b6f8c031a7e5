import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { CredentialSource } from './credentials.ts';

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The service account of the pod that this runs in, as the kubelet mounts it; undefined outside of pods. Each answer reads
 * the files anew, since tokens are replaced within the hour.
 */
export function podCredentials(
  environment: NodeJS.ProcessEnv = process.env,
  folder = serviceAccountFolder,
): CredentialSource | undefined {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === '') return undefined;
  const origin = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return async () => {
    const [token, ca] = await Promise.all([readFile(join(folder, 'token'), 'utf8'), readFile(join(folder, 'ca.crt'))]);
    return { origin, basePath: '', headers: { Authorization: `Bearer ${token.trim()}` }, tls: { ca } };
  };
}
