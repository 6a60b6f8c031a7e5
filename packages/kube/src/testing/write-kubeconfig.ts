import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A kubeconfig without credentials for a server that is not the real one. */
export async function writeKubeconfig(folder: string, server: string): Promise<string> {
  const path = join(folder, 'kubeconfig');
  const config = {
    // Without the flag client-node refuses plain http.
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}
