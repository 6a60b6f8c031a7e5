import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheKey } from './cache.ts';
import { localRoot } from './paths.ts';
import { runCommand } from './run-command.ts';

const KUBERNETES_VERSION = 'v1.37.2';

/** Without it every component calls itself v0.0.0-master. */
const LINKER_FLAGS = `-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`;

/**
 * Builds the two static binaries and returns their folder: `kubernetes` is every Kubernetes process, CoreDNS and the volume
 * provisioner in one (see ../kubernetes/main.go), `pause` the container that holds a pod's namespaces.
 */
export async function kubernetesBinaries(): Promise<string> {
  const source = join(localRoot, 'kubernetes');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.go$|^go\.(mod|sum)$/.test(name))
    .sort();
  const compiler = await runCommand('go', ['version'], { cwd: source });
  const key = cacheKey(compiler, LINKER_FLAGS, ...files.flatMap((name) => [name, { file: join(source, name) }]));
  return await cached('kubernetes', key, async (directory) => {
    const build = ['build', '-trimpath', '-ldflags', LINKER_FLAGS, '-o'];
    const options = { cwd: source, env: { CGO_ENABLED: '0' } };
    await runCommand('go', [...build, join(directory, 'pause'), './pause'], options);
    await runCommand('go', [...build, join(directory, 'kubernetes'), '.'], options);
  });
}

export async function kubernetesBinary(): Promise<string> {
  return join(await kubernetesBinaries(), 'kubernetes');
}
