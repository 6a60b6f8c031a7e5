import { spawn } from 'node:child_process';
import { kubeconfigPath } from './paths.ts';
import { type CommandOptions, runCommand } from './run-command.ts';
import { toolPath } from './tools.ts';

/** The kubeconfig of the cluster in use: the environment's, or that of the local one. */
export function currentKubeconfig(): string {
  return process.env.KUBECONFIG ?? kubeconfigPath;
}

export async function kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return await runCommand(
    await toolPath('kubernetes'),
    ['kubectl', '--kubeconfig', currentKubeconfig(), ...args],
    options,
  );
}

/** Server-side apply of YAML or JSON text. */
export async function applyManifests(manifests: string): Promise<void> {
  await kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=pilotfish-local', '--filename=-'], {
    input: manifests,
  });
}

/** Runs kubectl on this terminal and returns its exit code. */
export async function kubectlOnTerminal(args: readonly string[]): Promise<number> {
  const command = await toolPath('kubernetes');
  const child = spawn(command, ['kubectl', '--kubeconfig', currentKubeconfig(), ...args], { stdio: 'inherit' });
  // Ctrl-C is for kubectl, which gets it too.
  process.on('SIGINT', () => undefined);
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
