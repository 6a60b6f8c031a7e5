import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './paths.ts';
import { runCommand } from './run-command.ts';

/** Runs the pnpm that the repository's package.json asks for, in the root of the repository; it needn't be installed. */
export async function pnpm(...args: string[]): Promise<string> {
  const { packageManager } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    readonly packageManager: string;
  };
  return await runCommand('npm', ['exec', '--yes', packageManager, '--', ...args], { cwd: repositoryRoot });
}
