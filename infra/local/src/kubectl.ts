import { spawn } from 'node:child_process';
import { kubeconfigPath } from './paths.ts';
import { type CommandOptions, runCommand, succeeds } from './run-command.ts';
import { toolPath } from './tools.ts';

/** Whether the environment names a cluster of the user's, to be used in place of the local one. */
export function usesOwnCluster(): boolean {
  return ![undefined, '', kubeconfigPath].includes(process.env.KUBECONFIG);
}

/** The kubeconfig of the cluster in use. */
export function currentKubeconfig(): string {
  return usesOwnCluster() ? (process.env.KUBECONFIG ?? '') : kubeconfigPath;
}

/** Makes kubectl and Helm use it. (The environment's may be a list of files, which their flag doesn't take.) */
export function kubeconfigEnv(): Readonly<Record<string, string>> {
  return { KUBECONFIG: currentKubeconfig() };
}

export async function kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const [command, ...first] = await kubectlCommand();
  return await runCommand(command, [...first, ...args], { ...options, env: kubeconfigEnv() });
}

/** Nobody compiles Kubernetes to reach a cluster that is there: with one of the user's goes the kubectl of the user's. */
async function kubectlCommand(): Promise<[string, ...string[]]> {
  if (usesOwnCluster() && (await succeeds('kubectl', ['version', '--client']))) return ['kubectl'];
  return [await toolPath('kubernetes'), 'kubectl'];
}

/** Server-side apply of YAML or JSON text. */
export async function applyManifests(manifests: string): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=pilotfish-local', '--filename=-'], {
    input: manifests,
  });
}

/** Runs kubectl on this terminal and returns its exit code. */
export async function kubectlOnTerminal(args: readonly string[]): Promise<number> {
  const [command, ...first] = await kubectlCommand();
  const child = spawn(command, [...first, ...args], { stdio: 'inherit', env: { ...process.env, ...kubeconfigEnv() } });
  // Ctrl-C is for kubectl, which gets it too.
  process.on('SIGINT', () => undefined);
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
