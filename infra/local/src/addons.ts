import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyManifests, kubectl } from './kubectl.ts';
import { clusterImageReference, kubernetesImages } from './kubernetes-image.ts';
import { layout } from './layout.ts';
import { localRoot } from './paths.ts';

/** Installs what every cluster has besides Kubernetes itself: DNS and storage classes. */
export async function ensureAddons(): Promise<void> {
  const { kubernetes } = await kubernetesImages();
  const values = {
    dnsImage: clusterImageReference(kubernetes),
    dnsAddress: layout.dnsServiceAddress,
    dnsDomain: layout.dnsDomain,
  };
  for (const file of ['dns.yaml', 'storage-classes.yaml']) {
    const template = readFileSync(join(localRoot, 'manifests', file), 'utf8');
    await applyManifests(template.replace(/\$\{(\w+)\}/g, (_, name: string) => settingOf(values, name)));
  }
}

export async function waitForDns(): Promise<void> {
  await kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s']);
}

function settingOf(values: Readonly<Record<string, string>>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`A manifest asks for \${${name}}, which nobody sets.`);
  return value;
}
