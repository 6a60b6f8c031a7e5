import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificatePath, keyPath } from './certificates.ts';
import { layout } from './layout.ts';
import { kubeconfigPath, runDir } from './paths.ts';

/** Writes the kubeconfig of one identity of certificates.ts; everything is in the file, so it can be copied. */
export function writeKubeconfig(identity: string): string {
  const path = identity === 'admin' ? kubeconfigPath : join(runDir, `${identity}.kubeconfig`);
  const inline = (file: string): string => readFileSync(file).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'pilotfish',
        cluster: { server: layout.apiServerUrl, 'certificate-authority-data': inline(certificatePath('ca')) },
      },
    ],
    users: [
      {
        name: identity,
        user: {
          'client-certificate-data': inline(certificatePath(identity)),
          'client-key-data': inline(keyPath(identity)),
        },
      },
    ],
    contexts: [{ name: 'pilotfish', context: { cluster: 'pilotfish', user: identity } }],
    'current-context': 'pilotfish',
  };
  // JSON is YAML.
  writeFileSync(path, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}
